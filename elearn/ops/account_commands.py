"""The commands of ops for accounts: create-user, change-user."""

import sys

import click

from elearn.actions import account_rights, accounts
from elearn.actions.act import new_act
from elearn.errors import NotFound
from elearn.models import users
from elearn.ops.terminal import CommandError, beside, run


@click.command("create-user")
@click.argument("email")
@click.option("--name", required=True, help="The name that others see.")
@click.option(
    "--role",
    type=click.Choice(users.ROLES),
    default="student",
    show_default=True,
)
@click.option("--password", help="Asked for when it is not given.")
def create_user(email: str, name: str, role: str, password: str | None) -> None:
    """Make an account of any role.

    \b
    Examples:
      elearn create-user ada@example.org --name "Ada Lovelace" --role admin
      echo "$PASSWORD" | elearn create-user ben@example.org --name Ben
    """
    if password is None:
        if sys.stdin.isatty():
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            password = sys.stdin.readline().rstrip("\n")

    async def work() -> None:
        async with beside() as services:
            user = await accounts.create_user(
                services, email=email, name=name, role=role, password=password or ""
            )
        click.echo(f"made the {role} {user.name} <{user.email}>")

    run(work())


@click.command("change-user")
@click.argument("email")
@click.option("--role", type=click.Choice(users.ROLES), help="The role from now on.")
@click.option(
    "--disable/--enable", "disabled", default=None, help="Whether the account may be used."
)
def change_user(email: str, role: str | None, disabled: bool | None) -> None:
    """Change an account's role, disable it, enable it again.

    Disabling ends its sessions, also on open pages, and refuses its sign-in. A lower role acts on
    open pages at once. The last admin stays one.

    \b
    Examples:
      elearn change-user ben@example.org --disable
      elearn change-user ben@example.org --enable --role student
    """
    if role is None and disabled is None:
        raise CommandError("nothing to change: say --role ROLE, --disable or --enable")

    async def work() -> None:
        async with beside() as services:
            user = await users.find_by_email(services.db, email)
            if user is None:
                raise NotFound(f"there is no account {email}")
            act = new_act(account_rights.OPERATIONS, "change-user", [email, role, disabled])
            await account_rights.change_account(
                services, act, user.id, role=role, disabled=disabled
            )
        closed = user.disabled if disabled is None else disabled
        state = " and cannot sign in" if closed else ""
        click.echo(f"{user.name} <{user.email}> is {role or user.role}{state}")

    run(work())
