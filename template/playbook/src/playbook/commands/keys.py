"""`playbook keys`: who may call the service."""

from typing import Annotated

import typer

from playbook import project as projects

keys = typer.Typer(no_args_is_help=True, help="Make secrets and API keys.")


@keys.command("ensure")
def keys_ensure() -> None:
    """Make .env and a development key where there are none."""
    from playbook.keys import ensure

    done = ensure(projects.find())
    typer.echo("\n".join(done) if done else "Keys are in place; nothing was changed.")


@keys.command("new")
def keys_new(
    name: Annotated[str, typer.Option("--name", help="Whose key it is, such as web-frontend.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="What it may do; give it once for each.")
    ],
    expires_days: Annotated[
        int | None, typer.Option("--expires-days", min=1, help="Days it works; for ever without.")
    ] = None,
) -> None:
    """Make an API key: printed once, stored as a hash."""
    from playbook.keys import keys_file, new

    project = projects.find()
    key = new(project, name, scope, expires_days)
    typer.echo(key)
    ends = f"in {expires_days} days" if expires_days else "never"
    typer.echo(
        f"This is the only time the key is shown; {project.relative(keys_file(project))} holds "
        f"its hash. It expires {ends}. A service that runs here takes it within a second; "
        "elsewhere, deploy that file.\n"
        f"Later: uv run playbook keys rotate {name}",
        err=True,
    )


@keys.command("list")
def keys_list() -> None:
    """Show the API keys, and which need something."""
    from playbook.key_rotation import lines

    typer.echo("\n".join(lines(projects.find())))


@keys.command("rotate")
def keys_rotate(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    overlap_days: Annotated[
        int, typer.Option("--overlap-days", min=0, help="Days the older key still works.")
    ] = 7,
    expires_days: Annotated[
        int | None,
        typer.Option("--expires-days", min=1, help="Days the new key works; else as the older."),
    ] = None,
) -> None:
    """Give a caller a second API key.

    The older one works for a while yet, so nobody has to change at the same moment.
    """
    from playbook.key_rotation import rotate, told

    rotated = rotate(projects.find(), name, overlap_days, expires_days)
    typer.echo(rotated.key)
    typer.echo("\n".join(told(rotated, name)), err=True)


@keys.command("revoke")
def keys_revoke(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    older: Annotated[
        bool, typer.Option("--older", help="Only the older of two, after a rotation.")
    ] = False,
) -> None:
    """End an API key now."""
    from playbook.key_rotation import revoke

    ended = revoke(projects.find(), name, older=older)
    typer.echo(
        f"{'The older key' if older else 'Every key' if ended > 1 else 'The key'} of {name} is "
        "revoked. A service that runs here refuses it within a second; elsewhere, deploy the key "
        "file."
    )
