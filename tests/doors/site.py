"""Who may ask the server in these tests: an authorizer that remembers, and a provider that knows people."""

from jupyter_server.auth import Authorizer, IdentityProvider, User

API = ("jupyter-mlops", "api")
JSON = {"Content-Type": "application/json"}
XSRF = "00112233445566778899aabbccddeeff"
PUBLIC = {"options"}  # the browser's question before a request from elsewhere; it answers with no data


class Recorded(Authorizer):
    """Denies what is in ``denied``, and remembers what it was asked."""

    asked: list = []
    denied: set = set()

    def is_authorized(self, handler, user, action, resource):
        Recorded.asked.append((action, resource))
        return (action, resource) not in Recorded.denied and action not in Recorded.denied


class Hub(IdentityProvider):
    """Knows people by name, as a team's hub does."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-Person")
        return User(username=name) if name else super().get_user(handler)
