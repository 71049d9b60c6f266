"""Debian packages, made by Debian's own tools."""

def debian_package(name, out, control, changelog, scripts, files, links = {}, **kwargs):
    """Makes a Debian package.

    Args:
      name: The name of the target.
      out: The file.
      control: The control file; make_deb says what it may leave open.
      changelog: Debian's changelog, from which the version is.
      scripts: The maintainer scripts, and other files for dpkg.
      files: A target for each file in the package, and its mode and path there.
      links: The symbolic links in the package, and what each says.
      **kwargs: Passed to the genrule.
    """
    parts = []
    for script in scripts:
        parts.append("control:%s=$(location %s)" % (script.rpartition("/")[2], script))
    for target, place in files.items():
        mode, path = place.split(" ")
        parts.append("%s:%s=$(location %s)" % (mode, path, target))
    parts += ["link:%s=%s" % (path, target) for path, target in links.items()]
    native.genrule(
        name = name,
        srcs = depset([control, changelog] + scripts + files.keys()).to_list(),
        outs = [out],
        cmd = " ".join([
            "$(location make_deb) $@",
            "$(location %s)" % control,
            "$(location %s)" % changelog,
        ] + parts),
        message = "Packing",
        tools = ["make_deb"],
        **kwargs
    )
