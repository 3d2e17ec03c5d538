"""What becomes of a question on its way from a phone, and of the answer on its way back."""

import base64
import random
from dataclasses import dataclass
from typing import Any

PORTAL_PAGES = [
    (200, b"<html>Welcome to the guest Wi-Fi. Please accept our terms.</html>"),
    (200, b"{}"),
    (200, b'{"answers": [], "version": 1}'),
    (403, b'{"error": "login"}'),
    (401, b'{"error": "unpaired"}'),
    (410, b'{"kept": []}'),
    (511, b"<html>Network Authentication Required</html>"),
    (204, b""),
]  # what such a network says in place of the server; of our own host it has no certificate, so never our own answers


@dataclass
class Line:
    """Of one phone. `loses` is how often a question gets lost, half of the time after the server has taken it."""

    rng: random.Random
    up: bool = True
    portal: bool = False
    loses: float = 0.0
    slow: float = 0.0  # how often it takes seconds

    def leaves(self) -> dict[str, Any]:
        if self.portal:
            status, page = self.rng.choice(PORTAL_PAGES)
            return {"answers": {"status": status, "text": base64.b64encode(page).decode(), "after": self.trip()}}
        if not self.up or self.rng.random() < self.loses / 2:
            return {"fails": self.rng.choice([0.01, 0.05, 3.0, 60.0])}
        return {"reaches": self.trip()}

    def comes_back(self) -> dict[str, Any]:
        """Lost, or after how many seconds."""
        lost = not self.up or self.rng.random() < self.loses / 2
        return {"fails": self.rng.choice([0.05, 3.0, 60.0])} if lost else {"after": self.trip()}

    def trip(self) -> float:
        return self.rng.uniform(0.6, 4.0) if self.rng.random() < self.slow else self.rng.uniform(0.01, 0.2)

    def mend(self) -> None:
        self.up, self.portal, self.loses, self.slow = True, False, 0.0, 0.0
