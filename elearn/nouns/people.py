"""People: who asks."""

import msgspec


class User(msgspec.Struct, frozen=True):
    """Who asks. A session's user is read anew whenever the session is."""

    id: str
    name: str
    role: str
    invisible: bool = False

    def brief(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "role": self.role}

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
