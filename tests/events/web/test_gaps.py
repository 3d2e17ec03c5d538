"""What is drawn once for many is cut where the words of one belong."""

from events.web.gaps import Gaps


def test_it_is_cut_where_the_words_belong_as_often_as_they_stand_there() -> None:
    gaps = Gaps(["name", "reference", "phone"])
    marks = gaps.marks({"name": True, "reference": True, "phone": False})
    assert marks["phone"] == "", "so that one may ask whether there is any"
    text = f"Dear {marks['name']},\n{marks['reference']}{marks['name']}\nBye"
    assert gaps.cut(text) == ["Dear ", "name", ",\n", "reference", "", "name", "\nBye"]
    assert [gaps.is_in(line) for line in text.splitlines()] == [True, True, False]


def test_more_than_ten_are_told_apart_and_no_two_have_the_same_marks() -> None:
    names = [f"word{n}" for n in range(12)]
    some, others = Gaps(names), Gaps(names)
    there = dict.fromkeys(names, True)
    assert some.cut("".join(some.marks(there).values()))[1::2] == names
    text = "".join(others.marks(there).values())
    assert (some.cut(text), some.is_in(text)) == ([text], False)
