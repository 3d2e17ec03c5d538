"""The control of what is looked for on each screen of the door: it is seen where it is."""

from playwright.sync_api import Browser, Page

from tests.walks.keyboard import ENLARGED, Keyboard
from tests.walks.people import new_page

HEAD = """<!doctype html><html lang=en><title>Door</title><style>
    button { min-height: 64px; width: 100px; margin: 8px } :focus-visible { outline: 4px solid }
    #door { padding-top: 480px } p { margin: 0 }</style>"""
TWO = "<button>One</button><button>Two</button>"
WRONG = [  # what is found, and where
    ("Tab comes to", "<button style='float: right'>One</button><button style='float: left'>Two</button>"),
    ("Tab comes to", f"{TWO}<script>addEventListener('keydown', (event) => event.preventDefault())</script>"),
    ("a button without a name", f"{TWO}<button style='border: 0'></button>"),
    ("headings", "<h4>Too low</h4>"),
    ("too small", "<button style='min-height: 40px'>One</button>"),
    ("too near", f"<style>button {{ margin: 4px }}</style>{TWO}"),
    ("too high", "<button style='position: absolute; top: 100px'>One</button>"),
    ("cut off", "<p style='width: 40px; white-space: nowrap; overflow: hidden'>No longer to be read</p>"),
    ("with wide spacing", "<p style='width: 96px; white-space: nowrap'>Is just fitting</p>"),
    ("told by its background", "<p style='width: 90px; height: 9px; background: #060'></p>"),
    (
        "moves",
        "<style>@keyframes turn { to { rotate: 1turn } }</style><p style='animation: turn 1s infinite'>Round</p>",
    ),
]


def test_dr42_a_screen_that_is_wrong_is_found_wrong(browser: Browser) -> None:
    page = new_page(browser, ENLARGED)
    assert faults_of(page, TWO) == []
    for what, html in WRONG:
        faults = faults_of(page, html)
        assert [fault for fault in faults if what in fault] != [], (what, html, faults)


def faults_of(page: Page, html: str) -> list[str]:
    page.set_content(f"{HEAD}<main><h1>Door</h1><div id=door>{html}</div></main><footer>Always</footer>")
    keys = Keyboard(page)
    keys.looks("a screen")
    return keys.faults
