import pytest

from shared.room import Full, Room


def test_nobody_gets_more_than_a_share_and_all_together_no_more_than_there_is() -> None:
    room = Room(100, share=40)
    for holder in ("a", "b"):
        room.holding(holder).take(40)
    with pytest.raises(Full) as greedy:
        room.holding("a").take(1)
    with pytest.raises(Full) as late:
        room.holding("c").take(21)
    assert (greedy.value.own, late.value.own) == (True, False)
    room.holding("c").take(20)


def test_what_was_refused_takes_nothing_and_what_was_let_go_is_there_again() -> None:
    room = Room(100)
    one = room.holding("a")
    one.take(90)
    with pytest.raises(Full):
        one.take(11)
    one.take(10)
    one.let_go()
    one.let_go()
    room.holding("b").take(100)


def test_who_holds_nothing_is_forgotten() -> None:
    room = Room(100)
    for number in range(1_000):
        holding = room.holding(str(number))
        holding.take(1)
        holding.let_go()
    assert not room._held
