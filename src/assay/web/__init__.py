"""The HTTP face: an ASGI application that carries requests to a service, and the server that runs it on loopback."""

from assay.web.app import AppLimits, Service, create_app
from assay.web.server import serve_app

__all__ = ["AppLimits", "Service", "create_app", "serve_app"]
