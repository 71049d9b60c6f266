"""Programs built as users run them, for tests of what they cost."""

_COPT = "//command_line_option:copt"
_MODE = "//command_line_option:compilation_mode"

# The same as build:opt of .bazelrc.
def _optimize_impl(settings, _):
    return {_COPT: settings[_COPT] + ["-O3", "-march=x86-64-v2"], _MODE: "opt"}

_optimize = transition(
    implementation = _optimize_impl,
    inputs = [_COPT],
    outputs = [_COPT, _MODE],
)

def _optimized_binary_impl(ctx):
    program = ctx.attr.binary[0][DefaultInfo]
    link = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = link,
        target_file = program.files_to_run.executable,
        is_executable = True,
    )
    return [DefaultInfo(executable = link, runfiles = program.default_runfiles)]

optimized_binary = rule(
    implementation = _optimized_binary_impl,
    doc = "A link to the program `binary`, built with --config=opt whatever the rest is.",
    attrs = {
        "binary": attr.label(cfg = _optimize, executable = True, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
