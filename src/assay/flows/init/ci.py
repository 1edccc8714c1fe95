"""A workflow that runs the pipeline on somebody else's machine: least permissions, pinned actions, the state kept between runs.

Pull requests are only checked (``plan --check``): they neither read the kept state nor write it, so that code which nobody has reviewed can
neither wear out the gate's rows nor become a release.
"""

from collections.abc import Callable
from pathlib import Path

from assay import __version__
from assay.flows.init import Written, refuse_to_overwrite, write_new

CHECKOUT = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
PYTHON = "actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065 # v5.6.0"
CACHE = "5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3"
PLACES = {"github": ".github/workflows/assay.yml", "gitlab": ".gitlab-ci.yml"}


def write_workflow(root: Path, forge: str, secrets: tuple[str, ...] = ()) -> Written:
    """Write the workflow for ``github`` or ``gitlab``, which hands these secrets to the run."""
    place = root / PLACES[forge]
    refuse_to_overwrite(place)
    write_new(place, WORKFLOWS[forge](_requirements(root), _branch(root), secrets))
    return Written(PLACES[forge], f"the template for {forge}")


def _requirements(root: Path) -> str:
    """What pip is told to install besides Assay, with a space before it."""
    found = next((name for name in ("requirements.lock", "requirements.txt") if (root / name).is_file()), None)
    if found is not None:
        return f" -r {found}"
    is_package = (root / "pyproject.toml").is_file() and "[project]" in (root / "pyproject.toml").read_text(
        encoding="utf-8"
    )
    return " ." if is_package else ""


def _unlisted(requirements: str, indent: int) -> str:
    """What to say where nothing says which packages the steps need."""
    if requirements:
        return ""
    return f"{' ' * indent}# No requirements.lock, requirements.txt or package was found: add what the steps import.\n"


def _branch(root: Path) -> str:
    """The branch that is released from: ``master`` where that is checked out, else ``main``."""
    head = root / ".git" / "HEAD"
    return "master" if head.is_file() and head.read_text(encoding="utf-8").strip().endswith("/master") else "main"


def _github(requirements: str, branch: str, secrets: tuple[str, ...]) -> str:
    given = "".join(f"\n          {name}: ${{{{ secrets.{name} }}}}" for name in secrets)
    return f"""\
# Runs the pipeline of assay.yaml. Written by `assay init --ci github`; it is yours to change.
name: assay
on:
  push:
    branches: [{branch}]
  pull_request:
  workflow_dispatch:
    inputs:
      first:
        description: This is the first release; say so once (assay run --first)
        type: boolean
        default: false
permissions:
  contents: read
concurrency:
  group: assay-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}
env:
  ASSAY: assay=={__version__} # what pip is given for Assay: from your index, or an address such as git+https://...
jobs:
  loop:
    name: loop
    runs-on: ubuntu-24.04
    timeout-minutes: 120
    steps:
      - uses: {CHECKOUT}
        with:
          fetch-depth: 0 # tags and history give the code its version
          persist-credentials: false
      - uses: {PYTHON}
        with:
          python-version: "3.12"
      - name: Install
{_unlisted(requirements, 8)}        run: python -m pip install "$ASSAY"{requirements}
      - name: Check the pipeline
        if: github.event_name == 'pull_request'
        run: assay plan --check
      # The ledger and the store. Where they are lost, `assay run` refuses to take a release for the first one.
      - name: Fetch the state
        if: github.event_name != 'pull_request'
        uses: actions/cache/restore@{CACHE}
        with:
          path: .assay
          key: assay-${{{{ github.ref_name }}}}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
          restore-keys: assay-${{{{ github.ref_name }}}}-
      - name: Run
        if: github.event_name != 'pull_request'
        env:
          FIRST: ${{{{ inputs.first && '--first' || '' }}}}{given}
        run: assay run $FIRST
      - name: Tell the verdict
        if: ${{{{ !cancelled() && github.event_name != 'pull_request' }}}}
        run: |
          assay why > why.txt || true
          {{
            echo '```'
            cat why.txt
            echo '```'
            last=$(find .assay/runs -mindepth 1 -maxdepth 1 -printf '%f\\n' | grep -x '[0-9]*' | sort -n | tail -n 1)
            find ".assay/runs/$last" -name 'gate*.md' -exec cat {{}} +
          }} >> "$GITHUB_STEP_SUMMARY"
      - name: Point at the cause
        if: ${{{{ failure() && github.event_name != 'pull_request' }}}}
        run: |
          cause=$(head -n 1 why.txt)
          echo "::error file=assay.yaml,title=assay::$cause"
      - name: Keep the state
        if: ${{{{ !cancelled() && github.event_name != 'pull_request' }}}}
        uses: actions/cache/save@{CACHE}
        with:
          path: .assay
          key: assay-${{{{ github.ref_name }}}}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
"""


def _gitlab(requirements: str, branch: str, secrets: tuple[str, ...]) -> str:
    given = (
        f"\n  # It needs {', '.join(secrets)}: set as CI/CD variables of the project, they reach it." if secrets else ""
    )
    return f"""\
# Runs the pipeline of assay.yaml. Written by `assay init --ci gitlab`; it is yours to change.
# For the first release, and only then, run it by hand with the variable ASSAY_FIRST set to --first.
variables:
  ASSAY: assay=={__version__} # what pip is given for Assay: from your index, or an address such as git+https://...
  GIT_DEPTH: "0" # tags and history give the code its version
default:
  image: python:3.12-slim # pin it by its digest, as your registry tells it
  interruptible: true
  before_script:
{_unlisted(requirements, 4)}    - python -m pip install "$ASSAY"{requirements}
check:
  script:
    - assay plan --check
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
loop:
  interruptible: false
  timeout: 2 hours
  resource_group: assay # one run at a time
  # The ledger and the store. Where they are lost, `assay run` refuses to take a release for the first one.
  cache:
    key: assay-$CI_COMMIT_REF_SLUG
    paths: [.assay/]
    when: always{given}
  script:
    - assay run $ASSAY_FIRST
  after_script:
    - assay why > why.txt || true
    - find ".assay/runs/$(ls .assay/runs | grep -x '[0-9]*' | sort -n | tail -n 1)" -name 'gate*.md' -exec cat {{}} + > verdict.md || true
    - cat why.txt
  artifacts:
    when: always
    expose_as: Verdict
    paths: [why.txt, verdict.md]
    expire_in: 30 days
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
"""


WORKFLOWS: dict[str, Callable[[str, str, tuple[str, ...]], str]] = {"github": _github, "gitlab": _gitlab}
