"""What staff are asked: passwords, codes from an app or from paper, and who is invited to which role."""

from collections.abc import Iterable
from typing import Any

import wtforms
from wtforms.validators import StopValidation

from events.web.forms import Choice, Form, FullName, Text, WorkEmail

from . import passwords
from .staff import RIGHTS

ROLES = [(name.value, f"{name.capitalize()}: {rights.words}") for name, rights in RIGHTS.items()]


NO_PASSKEY = "No passkey was made. Use a browser that makes passkeys, with JavaScript switched on."


class Secret(wtforms.PasswordField):
    """A password, kept to the letter as it was typed, and never written back into a page."""

    def __init__(self, label: str, *, missing: str, hint: str = "", autocomplete: str, **bound: Any) -> None:
        self.missing, self.hint, self.autocomplete = missing, hint, autocomplete
        super().__init__(label, **bound)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if not self.data:
            raise StopValidation(self.missing)


class Code(Text):
    """Six digits, spaces or none between them."""

    def __init__(self, **bound: Any) -> None:
        bound |= {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": False}
        super().__init__("Six-digit code", missing="Enter the six-digit code", longest=20, **bound)


class PasskeyAnswer(wtforms.StringField):
    """What the browser answers for a passkey, as JSON; our script sends it. Never written back into a page."""

    def __init__(self, **bound: Any) -> None:
        super().__init__("Passkey", **bound)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""


class CodeOrPasskey(Code):
    """Not asked for where the form brings a passkey's answer."""

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if form["passkey"].data:
            self.data = ""
            raise StopValidation
        super().pre_validate(form)


class AccountEmail(WorkEmail):
    """The address as the name of an account: password managers fill it in."""

    def __init__(self, **bound: Any) -> None:
        super().__init__("Email address", missing="Enter your email address", **bound)
        self.shown["autocomplete"] = "username"


class StaffForm(Form):
    """Where a verb said no, its sentence stands at a field like any other."""

    def refuse(self, field: str, sentence: str) -> None:
        self[field].errors = [sentence]


class SignInForm(StaffForm):
    email = AccountEmail()
    password = Secret("Password", missing="Enter your password", autocomplete="current-password")


class CodeForm(StaffForm):
    code = Code()


class SecondFactorForm(StaffForm):
    code = CodeOrPasskey()
    passkey = PasskeyAnswer()


class RecoveryForm(StaffForm):
    code = Text(
        "Recovery code", missing="Enter one of your recovery codes", longest=40, hint="For example, K7QDM-4HXPT"
    )


class PasswordForm(StaffForm):
    password = Secret("Password", missing="Enter your password", autocomplete="current-password")


class BothForm(StaffForm):
    password = Secret("Password", missing="Enter your password", autocomplete="current-password")
    code = CodeOrPasskey()
    passkey = PasskeyAnswer()


class ForgotForm(StaffForm):
    email = AccountEmail()


# Made before the new one, since a form asks for its fields in the order in which they were made.
CURRENT = Secret("Current password", missing="Enter your current password", autocomplete="current-password")


class NewPasswordForm(StaffForm):
    """`about`: names of its owner, which must not be the password."""

    password = Secret(
        "Password",
        missing=passwords.MISSING,
        hint=f"At least {passwords.SHORTEST} characters. Three random words are a good start.",
        autocomplete="new-password",
    )

    def __init__(self, *args: Any, about: Iterable[str] = (), **kwargs: Any) -> None:
        self.about = list(about)
        super().__init__(*args, **kwargs)

    def validate_password(self, field: Secret) -> None:
        if wrong := passwords.fault(field.data or "", self.about):
            raise StopValidation(wrong)


class ChangePasswordForm(NewPasswordForm):
    current = CURRENT


class AddPasskeyForm(StaffForm):
    name = Text(
        "Name of the passkey",
        missing="Enter a name, so that you know this passkey again",
        hint="For example, work laptop",
        longest=40,
        autocomplete="off",
    )
    passkey = PasskeyAnswer()

    def validate_passkey(self, field: PasskeyAnswer) -> None:
        if not field.data and self.name.data:
            raise StopValidation(NO_PASSKEY)


class RoleForm(StaffForm):
    role = Choice("Role", ROLES, missing="Select a role")


class InviteForm(StaffForm):
    full_name = FullName(missing="Enter their full name")
    email = WorkEmail(missing="Enter their work email address")
    host = Choice("Which host they work for", [], missing="Select the host they work for")
    role = Choice("Role", ROLES, missing="Select a role")

    def __init__(self, *args: Any, hosts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host.choices = [(host, host) for host in hosts]
