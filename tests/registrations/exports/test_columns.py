"""Which columns each role may take away: docs/roles.md says what the table in the code does.

Rules: SE-09, SE-13.
"""

from events.accounts.staff import RIGHTS, May, Role, RoleName
from registrations.exports import email_rows, rows
from registrations.exports.columns import REPORTS, kinds_for, may_take
from registrations.exports.export import ExportKind
from tests.callers import written


def test_the_table_of_files_says_which_columns_each_role_may_take() -> None:
    found = {
        tuple(f"{report.name}: {column.title}".split(" ")): {
            "at first": "yes" if column.ticked else "no",
            **{
                name.value: "yes" if may_take(role, kind) and column in report.columns_for(role) else "no"
                for name in RoleName
                for role in [Role(name=name)]
            },
        }
        for kind, report in REPORTS.items()
        for column in report.columns
    }
    assert written("Files") == found


def test_who_may_take_no_file_has_no_page_of_them_and_everybody_else_has_one() -> None:
    assert {name for name in RoleName if kinds_for(Role(name=name))} == {
        name for name in RoleName if May.EXPORT in RIGHTS[name].may
    }


def test_a_few_columns_are_ticked_and_never_all() -> None:
    for report in REPORTS.values():
        assert 0 < sum(column.ticked for column in report.columns) < len(report.columns)
    assert set(REPORTS) == set(ExportKind) == set(rows.SOURCES) | {ExportKind.EMAILS}
    assert email_rows.OURS
