"""What was on the screen of a terminal, moment by moment, as an SVG that shows it again: CSS alone, for a page may run no script in
a picture."""
import html
import re

# Of a cell, in pixels.
WIDTH, HEIGHT, BASELINE = 8.4, 19, 14
MARGIN = 16
# GitHub's two palettes. The picture has a background of its own, so each is legible on either page.
LIGHT = dict(back="#ffffff", edge="#d0d7de", text="#1f2328", red="#cf222e", green="#116329", yellow="#7d4e00", blue="#0550ae",
             magenta="#8250df", cyan="#1b7c83", black="#6e7781", white="#424a53")
DARK = dict(back="#0d1117", edge="#30363d", text="#e6edf3", red="#ff7b72", green="#56d364", yellow="#e3b341", blue="#79c0ff",
            magenta="#d2a8ff", cyan="#56d4dd", black="#8b949e", white="#b1bac4")
# As SGR numbers them from 30.
COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]


class Style:
    """What SGR sequences have set so far."""

    def __init__(self):
        self.colour, self.bold, self.dim = None, False, False

    def apply(self, parameters):
        for code in (int(text or 0) for text in parameters.split(";")):
            if code == 0:
                self.__init__()
            elif code in (1, 2, 22):
                self.bold, self.dim = code == 1, code == 2
            elif code == 39 or 30 <= code <= 37 or 90 <= code <= 97:
                self.colour = None if code == 39 else COLOURS[code % 10]
            elif code != 49:
                raise ValueError(f"a picture has no SGR {code}")

    def classes(self):
        named = [self.colour and self.colour[:3], self.bold and "b", self.dim and "d"]
        return " ".join(name for name in named if name)


def rows(captured):
    """The lines of a screen, each as pieces: the classes, and the text. Styles go on from one line to the next."""
    style, lines = Style(), []
    for line in captured.split("\n"):
        pieces = []
        for at, part in enumerate(re.split("\x1b\\[([0-9;]*)m", line)):
            if at % 2:
                style.apply(part)
            elif part:
                pieces.append((style.classes(), part))
        lines.append(tuple(pieces))
    return lines


def text_of(pieces):
    return "".join(text for _, text in pieces)


def drawn(identity, pieces):
    # A font of whatever width fills the cells that the line has.
    length = f'{len(text_of(pieces)) * WIDTH:.1f}'.removesuffix(".0")
    spans = (f'<tspan class="{classes}">{html.escape(text, quote=False)}</tspan>' if classes and text.strip()
             else html.escape(text, quote=False) for classes, text in pieces)
    return f'<text id="{identity}" y="{BASELINE}" textLength="{length}">{"".join(spans)}</text>'


def keyframes(name, steps, total):
    """An animation that jumps: steps are a moment, and what holds from then on."""
    return f"@keyframes {name}{{" + "".join(f"{100 * moment / total:.4g}%{{{what}}}" for moment, what in steps) + "}"


class Picture:
    def __init__(self, frames, total, still):
        """`frames` are (moment, captured screen, cursor's column and row or None); `still` is the number of the one to show
        where nothing moves."""
        self.frames = [(moment, rows(screen), cursor) for moment, screen, cursor in frames]
        self.total, self.still = total, still
        self.height = len(self.frames[0][1])
        self.identities, self.rules, self.body = {}, [], []

    def row(self, number):
        """A strip of all that a line of the screen has shown, of which one piece is seen at a time."""
        places, steps, still, latest = {}, [], 0, None
        for at, (moment, lines, _) in enumerate(self.frames):
            place = places.setdefault(lines[number], len(places))
            if place != latest:
                steps.append((moment, f"transform:translateY({-HEIGHT * place}px)"))
                latest = place
            if at == self.still:
                still = place
        uses = []
        for pieces, place in places.items():
            if pieces:
                identity = self.identities.setdefault(pieces, f"l{len(self.identities)}")
                uses.append(f'<use href="#{identity}" y="{HEIGHT * place}"/>')
        if uses:
            self.body.append(f'<svg y="{HEIGHT * number}" height="{HEIGHT}"><g id="r{number}">{"".join(uses)}</g></svg>')
            self.moves(f"r{number}", steps, f"transform:translateY({-HEIGHT * still}px)")

    def cursor(self):
        def where(cursor):
            return f"transform:translate({cursor[0] * WIDTH:.1f}px,{cursor[1] * HEIGHT}px)" if cursor else "transform:scale(0)"
        steps, latest = [], None
        for moment, _, cursor in self.frames:
            if where(cursor) != latest:
                latest = where(cursor)
                steps.append((moment, latest))
        self.body.append(f'<rect id="c" width="{WIDTH}" height="{HEIGHT - 2}" y="1"/>')
        self.moves("c", steps, where(self.frames[self.still][2]))

    def moves(self, identity, steps, still):
        self.rules.append(f"#{identity}{{{still}}}")
        if len(steps) > 1:
            self.rules.append(f"#{identity}{{animation-name:{identity}}}" + keyframes(identity, steps, self.total))

    def svg(self, columns, title):
        for number in range(self.height):
            self.row(number)
        self.cursor()
        size = (round(columns * WIDTH) + 2 * MARGIN, self.height * HEIGHT + 2 * MARGIN)
        lines = "".join(drawn(identity, pieces) for pieces, identity in self.identities.items())
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}" role="img">
<title>{html.escape(title)}</title>
<style>
{palette(LIGHT)}
@media (prefers-color-scheme:dark){{{palette(DARK)}}}
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;fill:var(--text)}}
#back{{fill:var(--back);stroke:var(--edge)}}
#c{{fill:var(--text);opacity:.5}}
.b{{font-weight:bold}}.d{{opacity:.65}}
{"".join(f".{name[:3]}{{fill:var(--{name})}}" for name in COLOURS)}
g[id],#c{{animation:0s step-end infinite}}
@media (prefers-reduced-motion:no-preference){{g[id],#c{{animation-duration:{self.total:g}s}}}}
{"".join(self.rules)}
</style>
<rect id="back" x=".5" y=".5" width="{size[0] - 1}" height="{size[1] - 1}" rx="8"/>
<defs>{lines}</defs>
<svg x="{MARGIN}" y="{MARGIN}">{"".join(self.body)}</svg>
</svg>
"""


def palette(colours):
    return "svg{" + ";".join(f"--{name}:{value}" for name, value in colours.items()) + "}"
