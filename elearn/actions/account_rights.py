"""What admins decide of an account: its role, and whether it may be used. All of it is decided on
one topic, so that an admin is left whoever else decides at the same time."""

from msgspec.structs import replace

from elearn.access.people import require_admin
from elearn.actions.act import Act, UnchangedError, keyed
from elearn.errors import Forbidden, InvalidField, NotFound
from elearn.events.base import Row
from elearn.events.people import AccountChanged
from elearn.log.new_events import NewEvent
from elearn.models import users
from elearn.models.ids import is_id
from elearn.nouns.people import User
from elearn.services import Services
from elearn.wire import topics

# Who acts from the command line: no account, so nobody can take its rights away.
OPERATIONS = User("0" * 24, "Operations", "admin")


@keyed
async def change_account(
    services: Services,
    act: Act,
    user_id: str,
    *,
    role: str | None = None,
    disabled: bool | None = None,
) -> Row | None:
    """Stores `user.updated`; nothing, and None, when all is so already. Disabling ends all
    sessions; a new role acts on open sockets."""
    if role is None and disabled is None:
        raise InvalidField("Say which role, or whether it is disabled.", field="role")
    if role not in (None, *users.ROLES):
        raise InvalidField("The role is student, teacher or admin.", field="role")

    require_admin(act.user)

    async def decide() -> NewEvent:
        admins = {admin.id for admin in await users.find_admins(services.db)}
        if act.user != OPERATIONS and act.user.id not in admins:
            raise Forbidden("Only admins can do this.")
        account = await users.find(services.db, user_id) if is_id(user_id) else None
        if account is None:
            raise NotFound("There is no such person.")
        after = replace(
            account,
            role=role or account.role,
            disabled=account.disabled if disabled is None else disabled,
        )
        if after == account:
            raise UnchangedError
        if admins == {user_id} and (after.role != "admin" or after.disabled):
            raise Forbidden("This is the last admin. Make somebody else an admin first.")
        changed = AccountChanged(user=after.person, disabled=after.disabled, was=account.role)
        return act.says(topics.ACCOUNTS, changed)

    try:
        row = await services.log.decide(topics.ACCOUNTS, decide)
    except UnchangedError:
        return None
    await services.log.reacted(row)
    return row
