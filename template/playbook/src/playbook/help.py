"""How `playbook --help` reads: all commands on one screen, in groups, one line each."""

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from playbook.verdicts import ReaderGone

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter
    from typer._click.core import Command

_INDENT_AND_GAP = 6


class GroupedHelp(TyperGroup):
    """Lists the commands of groups beside the others, under the headings they were given."""

    def invoke(self, ctx: "Context") -> Any:
        """Run the command; typer would turn a broken pipe into code 1, which is a verdict."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write one section for each heading, in the order in which headings were first used."""
        sections: dict[str, list[tuple[str, Command]]] = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            below = command.commands.items() if isinstance(command, TyperGroup) else ()
            rows = [(f"{name} {inner}", leaf) for inner, leaf in below] or [(name, command)]
            sections.setdefault(heading, []).extend(rows)
        longest = max(len(name) for rows in sections.values() for name, _ in rows)
        room = formatter.width - longest - _INDENT_AND_GAP
        for heading, commands in sections.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name.ljust(longest), leaf.get_short_help_str(room))
                        for name, leaf in commands
                    ]
                )


class GroupedOptions(TyperCommand):
    """Lists a command's options under the headings they were given; the others come last."""

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write one section for each heading, in the order in which headings were first used."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                heading = getattr(parameter, "rich_help_panel", None) or "Options"
                sections.setdefault(heading, []).append(record)
        sections["Options"] = sections.pop("Options", [])
        longest = max(
            (len(rows[0]) for section in sections.values() for rows in section), default=0
        )
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl([(name.ljust(longest), text) for name, text in rows])
