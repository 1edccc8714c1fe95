"""``assay serve``."""

import click

from assay.cli.project import here
from assay.cli.screen import emit, marked, say, titled
from assay.flows.serve import open_service
from assay.web import create_app, serve_app


@click.command(epilog="Example: assay serve --port 8000")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=7878, show_default=True, help="0: any free port.")
@click.option("--json", "as_json", is_flag=True, help="Tell the address as a JSON object.")
def serve(host: str, port: int, as_json: bool) -> None:
    """Serve the live release: POST /predict, GET /health, GET /release. Every prediction is kept before it is answered.

    A deployment or a rollback is taken up while it runs. Ctrl-C ends it, when requests in flight are answered.
    """
    workspace = here()

    def ready(bound_host: str, bound_port: int) -> None:
        url, history = f"http://{bound_host}:{bound_port}", workspace.history()
        live = history.release(history.live) if history.live else None
        name, marks = (history.live, ()) if live is None else (live.name, live.marks)
        if as_json:
            emit("assay.serve/1", {"url": url, "release": name, "marks": marks})
        else:
            say(
                marked("ok", f"{titled(str(name), marks)} answers at {url}  (POST /predict, GET /health, GET /release)")
            )

    with open_service(workspace) as service:
        serve_app(create_app(service), host, port, ready)
