"""Stands in for @rules_shell//shell:sh_test.bzl, with the rule Bazel itself has."""

sh_test = native.sh_test
