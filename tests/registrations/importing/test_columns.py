"""Headings as people write them say which column says what; what stands below them decides where a word means two
things."""

import pytest

from registrations.importing.columns import columns_of_titles, suggested

LISTS = {
    "a volunteer's": (
        "Title;Surname;First name(s);E-mail address;Employer / Organisation;Type of org;Job title;Mobile no.",
        "last_name=Surname;first_name=First name(s);email=E-mail address;organisation=Employer / Organisation;"
        "kind=Type of org;role=Job title;phone=Mobile no.",
    ),
    "a form's": (
        "Timestamp;What is your full name?;Email Address;Which organisation do you work for?;"
        "What type of organisation is it?;What is your role in the organisation?;Contact number (optional)",
        "full_name=What is your full name?;email=Email Address;organisation=Which organisation do you work for?;"
        "kind=What type of organisation is it?;role=What is your role in the organisation?;"
        "phone=Contact number (optional)",
    ),
    "a ticket shop's": (
        "Order #;Order Date;Prefix;First Name;Last Name;Buyer Email;Email;Ticket Type;Attendee Status;Job Title;"
        "Company;Work Phone",
        "first_name=First Name;last_name=Last Name;email=Email;role=Job Title;organisation=Company;phone=Work Phone",
    ),
    "an address book's": (
        "Title;First Name;Last Name;Company;Department;Job Title;Business Street;Business Phone;Home Phone;"
        "E-mail Type;E-mail Address;E-mail Display Name;Company Main Phone",
        "first_name=First Name;last_name=Last Name;organisation=Company;role=Job Title;phone=Business Phone;"
        "email=E-mail Address",
    ),
    "a personnel office's": (
        "Employee No;Employee Name;Position Title;Directorate;Work Email;Line manager email",
        "full_name=Employee Name;role=Position Title;email=Work Email",
    ),
    "name and surname": ("Name;Surname;Mail", "first_name=Name;last_name=Surname;email=Mail"),
    "nothing we know": ("Order Date;Employer address;Manager's email;Home phone", ""),
}


@pytest.mark.parametrize("name", LISTS)
def test_headings_as_people_write_them_say_which_column_says_what(name: str) -> None:
    line, expected = LISTS[name]
    headings = line.split(";")
    found = {code: headings[column] for code, column in suggested(headings).items()}
    assert found == dict(said.split("=") for said in expected.split(";") if said)


def test_a_title_is_no_role_unless_its_column_says_what_people_do() -> None:
    headings = ["Title", "Name", "Email"]
    doctors = [["Dr", "Ada", "a@example.org"], ["Mrs.", "Bo", "b@example.org"], ["", "Cleo", "c@example.org"]]
    roles = [["Head of service", "Ada", "a@example.org"], ["Dr", "Bo", "b@example.org"], ["Advocate", "Cleo", ""]]
    assert suggested(headings, doctors) == {"full_name": 1, "email": 2}
    assert suggested(headings, roles) == {"full_name": 1, "email": 2, "role": 0}, "the control"
    assert (columns_of_titles(headings, doctors), columns_of_titles(headings, roles)) == ([0], [])


def test_a_column_without_anything_is_not_suggested() -> None:
    headings, rows = ["Mobile", "Name", "Telephone"], [["", "Ada", "1"], ["", "Bo", ""]]
    assert suggested(headings, rows) == {"full_name": 1, "phone": 2}
    assert suggested(headings) == {"full_name": 1, "phone": 0}, "the control"
