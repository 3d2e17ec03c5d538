"""What is drawn once for many is cut where the words of one belong, and filled with them."""

from events.web.placeholders import Placeholders


def test_it_is_filled_where_the_words_belong_as_often_as_they_stand_there() -> None:
    drawn = Placeholders({"name": True, "reference": True, "phone": False})
    assert drawn.words["phone"] == "", "so that one may ask whether there is any"
    text = f"Dear {drawn.words['name']},\n{drawn.words['reference']}{drawn.words['name']}\nBye"
    template = drawn.cut(text)
    assert template.pieces == ["Dear ", "name", ",\n", "reference", "", "name", "\nBye"]
    assert template.fill({"name": "Ada", "reference": "7", "phone": ""}) == "Dear Ada,\n7Ada\nBye"


def test_more_than_ten_are_told_apart_and_no_two_drawings_have_the_same() -> None:
    there = {f"word{n}": True for n in range(12)}
    some, others = Placeholders(there), Placeholders(there)
    assert some.cut("".join(some.words.values())).pieces[1::2] == list(there)
    text = "".join(others.words.values())
    assert some.cut(text).pieces == [text]
