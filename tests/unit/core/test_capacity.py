"""What no machine will ever have is said at once."""

from assay.core.capacity import Capacity, fits_on, impossible, together
from assay.core.pipeline import Resources

MACHINE = Capacity(cpus=4, gpus=1, memory_bytes=16_000_000_000)
LARGE = Capacity(cpus=64, memory_bytes=256_000_000_000, whose="node large (10.0.0.2)")


def test_what_can_never_be_had_is_named_with_what_there_is():
    problem = impossible("Train", Resources(gpus=2, memory_bytes=64_000_000_000), (MACHINE,))
    assert problem.code == "resources-not-there"
    assert problem.what == "it asks for more than there is: gpus: 2, memory: 64 GB"
    assert problem.because == ("this machine has 1", "this machine has 16 GB")


def test_more_cpus_than_there_are_and_memory_that_is_not_known_are_no_reason():
    assert impossible("Train", Resources(cpus=64, gpus=1), (MACHINE,)) is None
    assert impossible("Train", Resources(memory_bytes=10**15), (Capacity(1),)) is None


def test_one_machine_must_have_all_of_it_and_the_nearest_one_is_told_of():
    wanted = Resources(gpus=1, memory_bytes=64_000_000_000)
    assert impossible("Train", Resources(gpus=1), (LARGE, MACHINE)) is None
    assert impossible("Train", Resources(memory_bytes=64_000_000_000), (MACHINE, LARGE)) is None
    problem = impossible("Train", wanted, (Capacity(cpus=1, memory_bytes=1), LARGE))
    assert problem.because == ("node large (10.0.0.2) has 0",)


def test_where_no_machine_is_known_nothing_is_impossible():
    assert impossible("Train", Resources(gpus=100), ()) is None


def test_a_machine_fits_by_itself_or_not_at_all():
    assert fits_on(Resources(gpus=1), MACHINE)
    assert not fits_on(Resources(gpus=1), LARGE)


def test_machines_have_together_what_each_has():
    assert together((MACHINE, LARGE), "all") == Capacity(68, 1, 272_000_000_000, "all")
    assert together((MACHINE, Capacity(1)), "all").memory_bytes is None
