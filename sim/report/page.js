// Draws the charts of a report and makes its tables sortable.
//
// #pictures holds an array with an object for each <canvas>, in their order:
//   kind    "bars", "lines", or "curve" (values in descending order)
//   unit    of all values: "count", "bytes", "share", …
//   labels  the name of each row
//   loads   of each bar: 1 if it is high above its fair share, 2 if it is too high; or absent
//   series  [{title, values}]; a value may be null
//   mark    {value, title} of a line across; or absent
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  // ---- Numbers, as the tables have them ----

  const BYTES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
  const compact = new Intl.NumberFormat("en-US", {
    notation: "compact",
    maximumFractionDigits: 1,
  });

  function showBytes(bytes) {
    let unit = 0;
    for (; Math.abs(bytes) >= 999.95 && unit + 1 < BYTES.length; ++unit) bytes /= 1000;
    return `${unit ? bytes.toFixed(1) : whole.format(bytes)} ${BYTES[unit]}`;
  }

  function plain(number) {
    return String(Number(number.toPrecision(4)));
  }

  const SHOW = {
    count: (value) => (Math.abs(value) >= 1000 ? whole : tenths).format(value),
    bytes: showBytes,
    share: (value) => `${(value * 100).toFixed(2)} %`,
    ratio: (value) => value.toFixed(3),
  };

  const TICK = {
    count: (value) => compact.format(value),
    bytes: (value) => showBytes(value).replace(".0 ", " "),
    share: (value) => `${plain(value * 100)} %`,
  };

  const show = (unit, value) => (SHOW[unit] || plain)(value);
  const tick = (unit, value) => (TICK[unit] || plain)(value);

  function shortened(name, length) {
    if (name.length <= length) return name;
    const tail = Math.floor((length - 1) / 2);
    return `${name.slice(0, Math.ceil(length - 1 - tail))}…${name.slice(name.length - tail)}`;
  }

  // How many characters at the end all names share, from a domain or a port on.
  function sharedEnd(names) {
    const [first] = names;
    let length = 0;
    const shares = (name) => name.length > length && name.at(-1 - length) === first.at(-1 - length);
    while (names.length > 1 && names.every(shares)) ++length;
    const begin = first.slice(first.length - length).search(/[.][A-Za-z]|:/);
    return begin < 0 ? 0 : length - begin;
  }

  // Names that fit beside an axis: without what is the same in all, or their middle. Of a
  // move both names.
  function axisNames(names, length) {
    const arrow = " → ";
    if (names.every((name) => name.length <= length)) return names;
    if (names.every((name) => name.split(arrow).length === 2)) {
      const each = (length - arrow.length) / 2;
      const [from, to] = [0, 1].map((i) => axisNames(names.map((n) => n.split(arrow)[i]), each));
      return from.map((name, i) => name + arrow + to[i]);
    }
    const end = sharedEnd(names);
    return names.map((name) => shortened(name.slice(0, name.length - end), length));
  }

  // ---- Charts ----

  function colors() {
    const style = getComputedStyle(root);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      ink: color("ink"),
      muted: color("muted"),
      line: color("line"),
      page: color("page"),
      series: [1, 2, 3, 4].map((i) => color(`series-${i}`)),
      loads: [color("series-1"), color("high"), color("too-high")],
    };
  }

  // Where the paper is narrower, the style sheet makes the picture smaller.
  const PAPER_WIDTH = "680px";

  // The end at which lines are farther from the mark, and leave room for its title.
  function freeSide(picture) {
    const ends = (i) => picture.series.map(({ values }) => values.at(i));
    const distance = (i) =>
      Math.min(...ends(i).map((v) => (v === null ? Infinity : Math.abs(v - picture.mark.value))));
    return distance(0) > distance(-1) ? "left" : "right";
  }

  // A dashed line at the mark, with its title at its end.
  const markPlugin = {
    id: "mark",
    afterDatasetsDraw(chart, _, { mark, across, side, color, page, text }) {
      if (!mark) return;
      const { ctx, chartArea: area, scales } = chart;
      const at = across === "x" ? scales.y.getPixelForValue(mark) : scales.x.getPixelForValue(mark);
      ctx.save();
      ctx.strokeStyle = color;
      ctx.lineWidth = 1.5;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      if (across === "x") {
        ctx.moveTo(area.left, at);
        ctx.lineTo(area.right, at);
      } else {
        ctx.moveTo(at, area.top - 4);
        ctx.lineTo(at, area.bottom);
      }
      ctx.stroke();
      ctx.font = `12px ${Chart.defaults.font.family}`;
      const width = ctx.measureText(text).width;
      const end = side === "left" ? area.left + 4 : area.right - width - 4;
      const left = across === "x" ? end : at - width / 2;
      const x = Math.max(area.left, Math.min(left, area.right - width));
      const y = across === "x" ? at - 6 : area.top - 9;
      ctx.fillStyle = page;
      ctx.globalAlpha = 0.8;
      ctx.fillRect(x - 3, y - 12, width + 6, 15);
      ctx.globalAlpha = 1;
      ctx.fillStyle = color;
      ctx.fillText(text, x, y);
      ctx.restore();
    },
  };

  function datasets(picture, color) {
    const bars = picture.kind === "bars";
    const { loads } = picture;
    return picture.series.map((series, i) => {
      const own = color.series[i % color.series.length];
      return {
        label: series.title,
        data: series.values,
        backgroundColor: bars && loads ? loads.map((load) => color.loads[load]) : own,
        borderColor: own,
        borderWidth: bars ? 0 : 2,
        borderRadius: bars ? 2 : 0,
        borderDash: bars || i === 0 ? [] : [6 - i, 2 + i],
        categoryPercentage: 0.82,
        barPercentage: 0.9,
        maxBarThickness: 22,
        pointRadius: picture.kind === "lines" && series.values.length <= 40 ? 3 : 0,
        pointHitRadius: 8,
      };
    });
  }

  function nameAxis(picture, color, narrow) {
    const bars = picture.kind === "bars";
    const names = axisNames(picture.labels, bars ? (narrow ? 20 : 40) : 12);
    return {
      grid: { display: false },
      title: {
        display: picture.kind === "curve",
        text: "rank",
        color: color.muted,
      },
      ticks: {
        color: color.ink,
        autoSkip: !bars,
        maxTicksLimit: bars ? undefined : narrow ? 5 : 10,
        maxRotation: 0,
        callback: (value) => names[value],
      },
    };
  }

  function valueAxis(picture, color, narrow) {
    return {
      beginAtZero: true,
      suggestedMax: picture.mark ? picture.mark.value * 1.05 : undefined,
      grid: { color: color.line, drawBorder: false },
      ticks: {
        color: color.muted,
        maxTicksLimit: narrow ? 5 : 8,
        callback: (value) => tick(picture.unit, value),
      },
    };
  }

  function options(picture, color, narrow) {
    const bars = picture.kind === "bars";
    const names = nameAxis(picture, color, narrow);
    const values = valueAxis(picture, color, narrow);
    const mark = picture.mark;
    return {
      indexAxis: bars ? "y" : "x",
      animation: false,
      maintainAspectRatio: false,
      devicePixelRatio: Math.max(2, window.devicePixelRatio),
      layout: { padding: { top: mark && bars ? 22 : 4, right: 12 } },
      interaction: { mode: "index", axis: bars ? "y" : "x", intersect: false },
      scales: bars ? { x: values, y: names } : { x: names, y: values },
      plugins: {
        mark: mark && {
          mark: mark.value,
          across: bars ? "y" : "x",
          side: freeSide(picture),
          color: color.ink,
          page: color.page,
          text: `${mark.title} ${show(picture.unit, mark.value)}`.trim(),
        },
        legend: {
          display: picture.series.length > 1,
          align: "start",
          labels: {
            color: color.ink,
            boxWidth: bars ? 12 : 24,
            boxHeight: bars ? 12 : 0,
          },
        },
        tooltip: {
          callbacks: {
            label: (item) => `${item.dataset.label}: ${show(picture.unit, item.raw ?? 0)}`,
          },
        },
      },
    };
  }

  function height(picture) {
    if (picture.kind !== "bars") return 300;
    const groups = picture.series.length;
    const row = groups === 1 ? 26 : 14 * groups + 10;
    const around = 40 + (groups > 1 ? 32 : 0) + (picture.mark ? 22 : 0);
    return Math.max(120, picture.labels.length * row + around);
  }

  // What the colours of the bars mean, behind the title.
  function addKey(canvas, picture) {
    const caption = canvas.closest("figure").querySelector("figcaption");
    if (!picture.loads) return;
    const rows = [
      ["high", "1.15 × fair or more"],
      ["too-high", "1.25 × fair or more"],
    ];
    rows.forEach(([name, text], i) => {
      if (!picture.loads.includes(i + 1)) return;
      const key = document.createElement("span");
      const box = document.createElement("i");
      key.className = "key";
      box.className = name;
      key.append(box, text);
      caption.append(key);
    });
  }

  const pictures = JSON.parse(document.getElementById("pictures").textContent);
  const canvases = [...document.querySelectorAll("canvas")];
  let charts = [];

  function draw() {
    const color = colors();
    charts.forEach((chart) => chart.destroy());
    charts = canvases.map((canvas, i) => {
      const picture = pictures[i];
      canvas.parentElement.style.height = `${height(picture)}px`;
      canvas.parentElement.style.width = root.classList.contains("printing") ? PAPER_WIDTH : "";
      const narrow = canvas.parentElement.clientWidth < 480;
      return new Chart(canvas, {
        type: picture.kind === "bars" ? "bar" : "line",
        data: { labels: picture.labels, datasets: datasets(picture, color) },
        options: options(picture, color, narrow),
        plugins: [markPlugin],
      });
    });
    root.dataset.charts = charts.length;
  }

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  canvases.forEach((canvas, i) => addKey(canvas, pictures[i]));
  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.addEventListener("beforeprint", () => {
    root.classList.add("printing");
    draw();
  });
  window.addEventListener("afterprint", () => {
    root.classList.remove("printing");
    draw();
  });

  // ---- Tables ----

  function sortKey(row, column) {
    const cell = row.cells[column];
    return "v" in cell.dataset ? Number(cell.dataset.v) : null;
  }

  function compare(one, other, column) {
    const [a, b] = [sortKey(one, column), sortKey(other, column)];
    if (a !== null && b !== null) return a - b;
    if (a !== null || b !== null) return a === null ? -1 : 1;
    const [text, otherText] = [one.cells[column].textContent, other.cells[column].textContent];
    return text.localeCompare(otherText, "en", { numeric: true });
  }

  // Figures from the largest at first, names from the first.
  function sort(table, header) {
    const column = header.cellIndex;
    const before = header.getAttribute("aria-sort");
    const first = header.classList.contains("n") ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = before === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    rows.sort((one, other) => sign * compare(one, other, column));
    table.tBodies[0].append(...rows);
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", order);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const header of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, header));
      header.append(button);
    }
  }
})();
