"""Steps share the machines by what they declare."""

from assay.core.capacity import Capacity
from assay.core.pipeline import Resources
from assay.execute.admission import Room

MACHINE = Capacity(cpus=4, gpus=1, memory_bytes=16_000_000_000)


def test_what_declares_nothing_takes_nothing():
    room = Room(MACHINE)
    for name in "abcdefgh":
        assert room.fits(Resources())
        room.take(name, Resources())


def test_cpus_gpus_and_memory_are_shared():
    room = Room(MACHINE)
    room.take("train", Resources(cpus=3, gpus=1, memory_bytes=10_000_000_000))
    assert room.fits(Resources(cpus=1))
    assert not room.fits(Resources(cpus=2))
    assert not room.fits(Resources(gpus=1))
    assert not room.fits(Resources(memory_bytes=7_000_000_000))
    room.give_back("train")
    assert room.fits(Resources(cpus=4, gpus=1, memory_bytes=16_000_000_000))


def test_more_cpus_than_there_are_take_all_of_them():
    room = Room(MACHINE)
    assert room.fits(Resources(cpus=64))
    room.take("wide", Resources(cpus=64))
    assert not room.fits(Resources(cpus=0.5))
