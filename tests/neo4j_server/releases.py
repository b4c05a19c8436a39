"""The releases of Neo4j that guanxi is tested with, and what each is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Artifact:
    """One library of Maven Central."""

    group: str
    name: str
    version: str


@dataclass(frozen=True)
class Release:
    """A server: its libraries, plugins, main class, and the Java that it runs on."""

    name: str
    version: str
    java: tuple[int, ...]
    main: str
    server: tuple[Artifact, ...]
    plugins: tuple[Artifact, ...] = ()
    pinned: tuple[Artifact, ...] = ()

    @property
    def has_gds(self) -> bool:
        """Whether the Graph Data Science library can be had for it."""
        return bool(self.plugins)


def _neo4j(version: str) -> tuple[Artifact, ...]:
    return (
        Artifact("org.neo4j", "neo4j", version),
        Artifact("org.neo4j.app", "neo4j-server", version),
        Artifact("org.neo4j", "neo4j-command-line", version),
        Artifact("org.neo4j", "neo4j-import-tool", version),
    )


GDS_GROUP = "org.neo4j.gds"
_GDS = tuple(
    Artifact(GDS_GROUP, name, "2.13.9")
    for name in (
        "proc",
        "proc-sysinfo",
        "opengds-extension",
        "open-model-catalog",
        "open-write-services",
    )
)

LTS = Release(
    name="5.26",
    version="5.26.25",
    java=(21, 17),
    main="org.neo4j.server.CommunityEntryPoint",
    server=_neo4j("5.26.25"),
    plugins=_GDS,
    pinned=(Artifact("org.apache.commons", "commons-lang3", "3.18.0"),),
)
NEWEST = Release(
    name="2026.05",
    version="2026.05.0",
    java=(21, 25),
    main="org.neo4j.server.Neo4jCommunity",
    server=_neo4j("2026.05.0"),
)
RELEASES = {release.name: release for release in (LTS, NEWEST)}


def pom(release: Release) -> str:
    """The Maven project that asks for all libraries of a release."""
    wanted = "".join(map(_dependency, release.server + release.plugins))
    pinned = "".join(map(_dependency, release.pinned))
    return (
        "<project>"
        "<modelVersion>4.0.0</modelVersion>"
        "<groupId>guanxi.tests</groupId><artifactId>neo4j</artifactId><version>1</version>"
        "<packaging>pom</packaging>"
        f"<dependencyManagement><dependencies>{pinned}</dependencies></dependencyManagement>"
        f"<dependencies>{wanted}</dependencies>"
        "</project>\n"
    )


def _dependency(artifact: Artifact) -> str:
    return (
        f"<dependency><groupId>{artifact.group}</groupId><artifactId>{artifact.name}</artifactId>"
        f"<version>{artifact.version}</version></dependency>"
    )
