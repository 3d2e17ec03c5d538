"""Whether an address looks like a slip of the finger for one of the large mail providers. It only ever warns."""

PROVIDERS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.co.uk", "yahoo.com",
    "yahoo.co.uk", "icloud.com", "btinternet.com", "talktalk.net", "protonmail.com",
)  # fmt: skip
RESEMBLING = ("mail.com", "email.com", "ymail.com", "gmx.com", "live.com")  # as real as those


def meant(email: str) -> str:
    """The address they may have meant, or nothing: one letter too many, missing, changed, or two swapped."""
    local, _, domain = email.rpartition("@")
    if domain in PROVIDERS + RESEMBLING:
        return ""
    return next((f"{local}@{provider}" for provider in PROVIDERS if one_slip_apart(domain, provider)), "")


def one_slip_apart(typed: str, wanted: str) -> bool:
    if abs(len(typed) - len(wanted)) > 1 or typed == wanted:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(typed, wanted, strict=False)) if a != b), min(len(typed), len(wanted))
    )
    left, right = typed[start:], wanted[start:]
    swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
