"""What goes into a bill."""

from collections.abc import Iterable

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.order import overlaps
from assay.core.pipeline import Pipeline
from assay.core.release import Bill, CodeVersion, Environment
from assay.core.run import StepResult
from assay.core.table import Schema
from assay.core.verdict import Verdict


def make_bill(
    pipeline: Pipeline,
    code_version: CodeVersion,
    code: Artifact,
    data: Iterable[Artifact],
    model: Artifact,
    environment: Environment,
    input_schema: Schema,
    verdicts: tuple[Verdict, ...],
    results: tuple[StepResult, ...],
    parents: tuple[Digest, ...],
    predict: str | None = None,
    ignores: tuple[str, ...] = (),
) -> Bill:
    """The bill of a release. What it is made of comes in any order; equal ingredients give an equal bill. ``predict`` says how
    the model predicts where the pipeline does not: by its flavour."""
    return Bill(
        name=pipeline.name,
        code_version=code_version,
        code=code,
        data=tuple(sorted(set(data), key=lambda artifact: (artifact.path, artifact.digest))),
        model=model,
        environment=environment,
        predict=(pipeline.model.predict if pipeline.model else None) or predict,
        input_schema=input_schema,
        verdicts=verdicts,
        metrics=run_metrics(results),
        parents=parents,
        ignores=ignores,
    )


def source_data(
    pipeline: Pipeline, results: Iterable[StepResult], tracked: frozenset[str] | None, checked: Iterable[Artifact]
) -> tuple[Artifact, ...]:
    """The datasets that a run rests on: what was checked, and what its steps read that no step wrote and that is no code.

    What version control tracks is code; without version control, Python files are. Files that a step wrote in this run
    follow from the rest and are named only where a check or a gate rests on them.
    """
    commands = {step.name for step in pipeline.steps if step.kind == "run"}
    results = [result for result in results if result.step in commands]
    made = [output.path for result in results for output in result.outputs]
    made += [path for result in results for path in result.trace.writes]
    made += [file.path for result in results for file in result.written]
    made += [path for step in pipeline.steps for path in step.promised]
    made += [pipeline.model.path] if pipeline.model else []
    read = [artifact for result in results for artifact in (*result.inputs, *result.discovered)]
    sources = {
        artifact
        for artifact in read
        if not _is_code(artifact.path, tracked) and not any(overlaps(artifact.path, path) for path in made)
    }
    return tuple(sorted(sources | set(checked), key=lambda artifact: artifact.path))


def run_metrics(results: Iterable[StepResult]) -> dict[str, float]:
    """The metrics of all steps by name; of one name the later step's value stands."""
    return {metric.name: metric.value for result in results for metric in result.metrics}


def _is_code(path: str, tracked: frozenset[str] | None) -> bool:
    if tracked is None:
        return path.endswith((".py", ".sh", ".yaml", ".yml", ".toml", ".cfg", ".sql"))
    return path in tracked or any(file.startswith(f"{path}/") for file in tracked)
