"use strict";
(function () {
  const specs = JSON.parse(document.getElementById("figure-specs").textContent);
  const boxes = Array.from(document.querySelectorAll("[data-figure]"));
  const views = new Map();

  // Rows that lie in the page as columns, a repeated text once.
  function unpacked(part) {
    if (part === null || typeof part !== "object") {
      return part;
    }
    if (Array.isArray(part)) {
      return part.map(unpacked);
    }
    if (part.packed) {
      const rows = Array.from({ length: part.packed }, () => ({}));
      Object.entries(part.columns).forEach(([name, one]) => {
        const cells = one.cells || one.at.map((k) => one.words[k]);
        cells.forEach((cell, k) => (rows[one.of ? one.of[k] : k][name] = cell));
      });
      return { values: rows };
    }
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, unpacked(value)]));
  }

  // Fit a figure to its box: narrow figures shrink, panels flow into fewer columns, tables scroll.
  function fitted(spec, width) {
    const copy = unpacked(spec);
    const meta = spec.usermeta.soleus;
    if (meta.layout === "fluid") {
      copy.width = Math.min(meta.cell, width - 2);
    } else if (meta.layout === "wrap") {
      copy.columns = Math.max(1, Math.min(meta.columns, Math.floor((width + 8) / meta.cell)));
      if (copy.columns === 1) {
        (copy.concat || [copy.spec]).forEach((panel) => {
          const saved = width < 560 ? Math.max(0, labelWidth(panel) - labelShare(width)) : 0;
          panel.width = Math.min(460, Math.max(120, panel.width + width - meta.cell + saved));
        });
      }
    }
    if (width < 560) {
      shorten(copy, labelShare(width));
    }
    return copy;
  }

  const labelShare = (width) => Math.round(width * 0.46);

  // The widest axis labels that a panel may have.
  function labelWidth(part) {
    if (part === null || typeof part !== "object") {
      return 0;
    }
    const inner = Object.entries(part).filter(([key]) => key !== "data").map(([, value]) => labelWidth(value));
    return Math.max(part.labelLimit || 0, 0, ...inner);
  }

  // No axis label may take more than its share of a narrow screen.
  function shorten(part, limit) {
    if (part === null || typeof part !== "object") {
      return;
    }
    if (typeof part.labelLimit === "number") {
      part.labelLimit = Math.min(part.labelLimit, limit);
    }
    Object.entries(part).forEach(([key, value]) => key !== "data" && key !== "header" && shorten(value, limit));
  }

  // Panels side by side are narrowed together until they fit, down to what can still be read.
  function narrowed(spec, excess) {
    const total = spec.hconcat.reduce((sum, panel) => sum + panel.width, 0);
    const factor = Math.max(0.5, (total - excess) / total);
    const copy = JSON.parse(JSON.stringify(spec));
    copy.hconcat.forEach((panel) => (panel.width = Math.floor(panel.width * factor)));
    return copy;
  }

  async function draw(box) {
    let spec = fitted(specs[box.dataset.figure], box.clientWidth);
    const previous = views.get(box);
    const options = {
      mode: "vega-lite",
      renderer: "svg",
      ast: true, // expressions are interpreted, never evaluated as code
      actions: { export: true, source: false, compiled: false, editor: false },
      downloadFileName: box.dataset.figure,
      scaleFactor: { png: 2 },
    };
    const target = document.createElement("div");
    box.append(target);
    let drawn = await vegaEmbed(target, spec, options);
    const excess = () => target.querySelector("svg").getBoundingClientRect().width - box.clientWidth;
    // Twice, since labels do not shrink with their panel.
    for (let k = 0; k < 2 && spec.usermeta.soleus.layout === "panels" && excess() > 0; k += 1) {
      spec = narrowed(spec, excess() + 2);
      drawn.finalize();
      drawn = await vegaEmbed(target, spec, options);
    }
    if (previous) {
      previous.finalize();
    }
    Array.from(box.children).forEach((child) => child !== target && child.remove());
    views.set(box, drawn);
  }

  // The libraries that draw lie in the page compressed; nothing is loaded from elsewhere.
  async function loadLibraries() {
    const packed = document.getElementById("vega-bundle");
    if (window.vegaEmbed || !packed) {
      return;
    }
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  async function drawAll() {
    if (boxes.length > 0) {
      try {
        await loadLibraries();
      } catch (error) {
        boxes.forEach((box) => (box.textContent = "This browser is too old to draw figures; they lie in the figures folder."));
        return;
      }
    }
    for (const box of boxes) {
      // What is folded is drawn when it is opened: before, it has no width.
      if (box.clientWidth > 0) {
        await drawOne(box);
      }
    }
    document.documentElement.dataset.figures = "drawn";
    // Figures have pushed down what an address or a click on a link led to.
    const target = !scrolled && location.hash && document.getElementById(location.hash.slice(1));
    if (target) {
      target.scrollIntoView();
    }
  }

  async function drawOne(box) {
    try {
      await draw(box);
    } catch (error) {
      box.textContent = "This figure could not be drawn: " + error.message;
    }
    // Let the page answer the reader between figures.
    await new Promise((resolve) => setTimeout(resolve));
  }

  let scrolled = false;
  ["wheel", "touchmove"].forEach((kind) => window.addEventListener(kind, () => (scrolled = true), { passive: true }));

  // A link may lead into what is folded.
  function reveal() {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) {
      return;
    }
    const inside = target.querySelector(":scope > details.folded");
    for (let one = inside || target; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") {
        one.open = true;
      }
    }
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);

  document.querySelectorAll("details").forEach((one) => {
    one.addEventListener("toggle", async () => {
      for (const box of one.open ? one.querySelectorAll("[data-figure]") : []) {
        if (window.vegaEmbed && box.clientWidth > 0 && !views.has(box)) {
          await drawOne(box);
        }
      }
    });
  });

  let width = window.innerWidth;
  let timer = 0;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (window.innerWidth !== width) {
        width = window.innerWidth;
        drawAll();
      }
    }, 250);
  });

  function copyText(text, button) {
    const done = () => {
      const label = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = label), 1500);
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(done);
      return;
    }
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    done();
  }

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.addEventListener("click", () => copyText(document.getElementById(button.dataset.copy).textContent, button));
  });
  reveal();
  drawAll();
})();
