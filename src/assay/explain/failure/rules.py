"""The table of rules, and the diagnosis: the first rule that has an answer gives it.

A rule is a pure function of the evidence and answers only what the evidence proves. The order is that of how near a witness
stands to the failure, and among equals of how far upstream the cause lies:

1. What the executor and the kernel saw: a time limit, an end for want of memory. Nothing that was printed says more.
2. A promise of the file itself: a step that exited 0 without its output.
3. The shell and Python before any code ran: no such command, no such script, no such module, no valid file.
4. The system's own refusals, which name themselves: no room, no right, no library, a port that is taken. A program that
   failed of them often prints a guess as well, so they stand before what programs say.
5. Files that are there and are not what they seem. They stand before what libraries say of columns and values, for a
   pointer read as a table has no columns.
6. Models and data as the libraries name them: versions before shapes, columns before values.
7. What works at a desk only.
8. A changed package, where nothing else has changed; and names that a package does not have.
9. The network, and who may ask: late, for whoever has a mirror in the cache prints such lines and goes on.
10. Files that are missing. Programs ask for optional files all the time, so whatever names itself stands before.
11. Signals of which nothing else is known: an abort often follows a missing file.
"""

from collections.abc import Callable

import msgspec

from assay.core.problem import Problem
from assay.explain.failure.changes import tell
from assay.explain.failure.columns import (
    class_too_rare,
    column_missing,
    metric_key_missing,
    nan_in_input,
    no_rows,
    text_in_numbers,
)
from assay.explain.failure.contents import (
    malformed_table,
    not_json,
    page_in_place_of_file,
    pointer_in_place_of_file,
    torn_file,
    wrong_encoding,
)
from assay.explain.failure.ending import command_not_found, killed, not_executable, workdir_missing
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.habits import (
    database_locked,
    letters_not_in_locale,
    main_guard_missing,
    parameter_logged_twice,
    project_locked,
    question_without_terminal,
    shallow_checkout,
    variable_not_set,
    window_without_display,
    windows_line_ends,
)
from assay.explain.failure.libraries import (
    api_removed,
    binary_mismatch,
    gpu_missing,
    illegal_instruction,
    library_missing,
    package_changed,
    system_python,
    system_too_old,
    wrong_architecture,
)
from assay.explain.failure.limits import (
    disk_full,
    gpu_out_of_memory,
    out_of_memory,
    shared_memory_full,
    timed_out,
    too_many_files,
)
from assay.explain.failure.missing import folder_in_place_of_file, folder_missing, missing_file, unwritten_output
from assay.explain.failure.models import (
    checkpoint_of_another_shape,
    feature_count_differs,
    feature_names_differ,
    label_out_of_range,
    loss_is_nan,
    model_of_another_version,
    pickled_class_elsewhere,
    weights_only,
)
from assay.explain.failure.network import (
    address_in_use,
    certificate_not_trusted,
    hub_not_reached,
    network_failed,
    service_not_running,
)
from assay.explain.failure.python import module_not_found, script_not_found, syntax_error
from assay.explain.failure.rights import access_refused, permission_denied, read_only, repository_of_another
from assay.explain.failure.unknown import unknown

Rule = Callable[[Evidence], Problem | None]

RULES: tuple[Rule, ...] = (
    timed_out,
    out_of_memory,
    unwritten_output,
    workdir_missing,
    windows_line_ends,
    command_not_found,
    wrong_architecture,
    not_executable,
    script_not_found,
    pointer_in_place_of_file,
    page_in_place_of_file,
    binary_mismatch,
    pickled_class_elsewhere,
    model_of_another_version,
    module_not_found,
    syntax_error,
    disk_full,
    read_only,
    permission_denied,
    too_many_files,
    shared_memory_full,
    gpu_out_of_memory,
    gpu_missing,
    library_missing,
    system_too_old,
    illegal_instruction,
    system_python,
    repository_of_another,
    address_in_use,
    wrong_encoding,
    malformed_table,
    torn_file,
    not_json,
    weights_only,
    checkpoint_of_another_shape,
    feature_names_differ,
    feature_count_differs,
    variable_not_set,
    metric_key_missing,
    column_missing,
    no_rows,
    nan_in_input,
    text_in_numbers,
    class_too_rare,
    label_out_of_range,
    loss_is_nan,
    main_guard_missing,
    question_without_terminal,
    window_without_display,
    letters_not_in_locale,
    database_locked,
    project_locked,
    parameter_logged_twice,
    shallow_checkout,
    package_changed,
    api_removed,
    certificate_not_trusted,
    access_refused,
    hub_not_reached,
    network_failed,
    service_not_running,
    folder_in_place_of_file,
    folder_missing,
    missing_file,
    killed,
)


def diagnose(evidence: Evidence) -> Problem:
    """The true cause of the failed step, as far as the evidence proves one; else what is known, under ``step-failed``.

    Results of steps that the pipeline does not have, or has no more, are passed over.
    """
    names = {step.name for step in evidence.pipeline.steps}
    known = tuple(result for result in evidence.earlier if result.step in names)
    evidence = msgspec.structs.replace(evidence, earlier=known)
    return _with_changes(_cause(evidence), evidence)


def _cause(evidence: Evidence) -> Problem:
    answers = (rule(evidence) for rule in RULES)
    return next((answer for answer in answers if answer is not None), None) or unknown(evidence)


def _with_changes(problem: Problem, evidence: Evidence) -> Problem:
    return msgspec.structs.replace(problem, changes=tell(evidence.since))
