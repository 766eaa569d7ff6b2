// The drawing field. Strokes are kept as whole numbers on a field of 1000 × 400 units,
// so that rotating the phone or another screen density changes how they are shown and
// nothing else. The picture is sent, its timing and pressure are not.

const WIDTH = 1000;
const HEIGHT = 400;
const PEN = 6;
// What the server takes is 4000 points; a signature needs a few hundred.
const MOST_POINTS = 1500;
const LEAST_INK = 50;
// A finger's tremble below this many units is not part of the line.
const TOLERANCE = 1.5;

const limit = (value, most) => Math.max(0, Math.min(most, Math.round(value)));

function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function distanceToLine(point, a, b) {
  const length = distance(a, b);
  if (length === 0) return distance(point, a);
  const area = (b[0] - a[0]) * (a[1] - point[1]) - (a[0] - point[0]) * (b[1] - a[1]);
  return Math.abs(area) / length;
}

// Ramer, Douglas, Peucker: leave out what lies closer than the tolerance to the line.
function simplified(stroke, tolerance) {
  const keep = new Set([0, stroke.length - 1]);
  const open = [[0, stroke.length - 1]];
  while (open.length) {
    const [start, end] = open.pop();
    let farthest = start;
    let most = tolerance;
    for (let i = start + 1; i < end; i += 1) {
      const away = distanceToLine(stroke[i], stroke[start], stroke[end]);
      if (away > most) [farthest, most] = [i, away];
    }
    if (farthest !== start) {
      keep.add(farthest);
      open.push([start, farthest], [farthest, end]);
    }
  }
  return stroke.filter((_, i) => keep.has(i));
}

function ink(strokes) {
  let sum = 0;
  for (const stroke of strokes) {
    for (let i = 1; i < stroke.length; i += 1) sum += distance(stroke[i - 1], stroke[i]);
  }
  return sum;
}

function asPath(strokes) {
  return strokes
    .map((stroke) => "M" + stroke.map(([x, y]) => `${x} ${y}`).join("L"))
    .join("");
}

function fromPath(path) {
  return path
    .split("M")
    .slice(1)
    .map((stroke) => stroke.split("L").map((point) => point.split(" ").map(Number)));
}

export class Field {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.input = root.querySelector("[name=path]");
    this.pad = root.querySelector(".pad");
    this.undoButton = root.querySelector("[data-undo]");
    this.clearButton = root.querySelector("[data-clear]");
    this.strokes = fromPath(this.input.value);
    this.pointer = null;
    this.listen();
    this.update();
  }

  listen() {
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => this.end(event));
    }
    this.undoButton.addEventListener("click", () => this.replace(this.strokes.slice(0, -1)));
    this.clearButton.addEventListener("click", () => this.clear());
    // Shown and hidden by the choice between drawing and typing.
    this.root.addEventListener("shown", () => this.draw());
    this.onResize = () => this.draw();
    addEventListener("resize", this.onResize);
  }

  // On a page that goes on with somebody else: nothing may hold on to the strokes.
  forget() {
    removeEventListener("resize", this.onResize);
    this.clear();
  }

  begin(event) {
    if (this.pointer !== null || event.button !== 0) return;
    event.preventDefault();
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push([this.unit(event)]);
    this.pad.classList.add("inked");
    this.draw();
  }

  go(event) {
    if (event.pointerId !== this.pointer) return;
    const stroke = this.strokes[this.strokes.length - 1];
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const move of moves.length ? moves : [event]) {
      const last = stroke[stroke.length - 1];
      const point = this.unit(move);
      if (distance(point, last) < 1) continue;
      stroke.push(point);
      this.line([last, point]); // only what is new, or a cheap phone falls behind
    }
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    const stroke = this.strokes.pop();
    this.replace(this.strokes.concat([simplified(stroke, TOLERANCE)]));
  }

  clear() {
    this.replace([]);
  }

  replace(strokes) {
    this.strokes = strokes;
    this.thin();
    this.update();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  thin() {
    const count = () => this.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    for (let coarse = TOLERANCE * 2; count() > MOST_POINTS && coarse < WIDTH; coarse *= 2) {
      this.strokes = this.strokes.map((stroke) => simplified(stroke, coarse));
    }
  }

  update() {
    // Dots and a slip of the finger are no signature; the server sees it so too.
    this.input.value = ink(this.strokes) < LEAST_INK ? "" : asPath(this.strokes);
    this.pad.classList.toggle("inked", this.strokes.length > 0);
    this.undoButton.disabled = this.clearButton.disabled = this.strokes.length === 0;
    this.draw();
  }

  unit(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      limit(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
      limit(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT),
    ];
  }

  draw() {
    const density = window.devicePixelRatio || 1;
    const width = Math.round((this.canvas.clientWidth * density) / 5) * 5;
    if (width === 0) return;
    if (this.canvas.width !== width) {
      this.canvas.width = width;
      this.canvas.height = (width * HEIGHT) / WIDTH;
    }
    const scale = width / WIDTH;
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.pen.clearRect(0, 0, WIDTH, HEIGHT);
    for (const stroke of this.strokes) this.line(stroke);
  }

  line(points) {
    this.pen.strokeStyle = getComputedStyle(this.canvas).color;
    this.pen.lineWidth = PEN;
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.beginPath();
    this.pen.moveTo(...points[0]);
    // A line to itself shows a dot.
    for (const point of points.length > 1 ? points.slice(1) : points) this.pen.lineTo(...point);
    this.pen.stroke();
  }
}
