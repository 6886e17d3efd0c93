/* What the page can do beyond being read: filter, copy, light and dark, keys, a closer look. */
(function () {
  "use strict";
  var root = document.documentElement;
  var findings = Array.from(document.querySelectorAll("article[id^=finding]"));
  var said = document.getElementById("said");

  function each(selector, act, within) {
    Array.from((within || document).querySelectorAll(selector)).forEach(act);
  }

  function say(text) {
    said.textContent = "";
    setTimeout(function () { said.textContent = text; }, 50);
  }

  each("[data-copy], [data-show], #theme, #search, #keys, .allow form, .zoom", function (node) {
    node.hidden = false;
  });

  /* Light and dark: as the system has it until somebody chooses. A page from a file may not be
     allowed to remember. */
  var theme = document.getElementById("theme");
  var system = matchMedia("(prefers-color-scheme: dark)");

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  }

  function showTheme() {
    theme.setAttribute("aria-pressed", String(isDark()));
  }

  function turnTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("rowan-theme", root.dataset.theme); } catch (refused) { /* so be it */ }
    showTheme();
  }

  try {
    var kept = localStorage.getItem("rowan-theme");
    if (kept === "light" || kept === "dark") { root.dataset.theme = kept; }
  } catch (refused) { /* so be it */ }
  theme.addEventListener("click", turnTheme);
  system.addEventListener("change", showTheme);
  showTheme();

  /* Copying. Where the clipboard is refused, the text is selected for the person to copy. */
  function select(node) {
    var range = document.createRange(), selection = getSelection();
    range.selectNodeContents(node);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function copy(button) {
    var node = document.getElementById(button.dataset.copy);
    var label = button.firstChild, before = "Copy";
    function done(word) {
      label.data = word;
      say(word);
      setTimeout(function () { label.data = before; }, 1500);
    }
    function byHand() {
      select(node);
      done(document.execCommand("copy") ? "Copied" : "Selected");
    }
    if (navigator.clipboard) {
      navigator.clipboard.writeText(node.textContent).then(function () { done("Copied"); }, byHand);
    } else {
      byHand();
    }
  }

  each("[data-copy]", function (button) {
    button.addEventListener("click", function () { copy(button); });
  });

  /* The line for the allow-list, filled in as it is written. */
  each(".allow", function (allow) {
    var day = allow.querySelector("input[type=date]"), why = allow.querySelector("input[type=text]");
    allow.querySelector("form").addEventListener("submit", function (event) { event.preventDefault(); });
    day.addEventListener("input", function () {
      allow.querySelector(".day").textContent = day.value || "YYYY-MM-DD";
    });
    why.addEventListener("input", function () {
      allow.querySelector(".why").textContent = why.value.trim() || "REASON";
    });
  });

  /* The filter: every word has to be somewhere. */
  var filter = document.getElementById("filter"), matches = document.getElementById("matches");

  function apply() {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    function has(node) {
      var text = node.textContent.toLowerCase() + " " + (node.dataset.kind || "");
      return words.every(function (word) { return text.includes(word); });
    }
    findings.forEach(function (finding) {
      finding.hidden = !has(finding);
      shown += finding.hidden ? 0 : 1;
    });
    each(".statements tbody tr", function (row) { row.hidden = !has(row); });
    matches.textContent = words.length ? shown + " of " + findings.length + " findings" : "";
    document.getElementById("nothing").hidden = shown > 0 || findings.length === 0;
  }

  filter.addEventListener("input", apply);
  document.getElementById("search").addEventListener("submit", function (event) { event.preventDefault(); });

  /* Sorting the statements by a number. */
  each(".statements thead .n", function (head) {
    var button = document.createElement("button");
    button.type = "button";
    button.append(head.firstChild);
    head.append(button);
    button.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") !== "descending";
      var body = document.querySelector(".statements tbody");
      each(".statements thead .n", function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      Array.from(body.rows).sort(function (a, b) {
        var x = parseFloat(a.cells[head.cellIndex].textContent);
        var y = parseFloat(b.cells[head.cellIndex].textContent);
        return down ? y - x : x - y;
      }).forEach(function (row) { body.append(row); });
    });
  });

  /* The timelines: a closer look, and from statement to statement. */
  function pick(number) {
    each(".drawing", function (drawing) {
      drawing.classList.toggle("picked", number !== null);
      each("[data-finding]", function (part) {
        part.classList.toggle("picked", part.dataset.finding === number);
      }, drawing);
    });
  }

  function tell(bar) {
    var article = bar.closest("article");
    article.querySelector(".readout").textContent = bar.querySelector("title").textContent;
    each("rect[tabindex='0']", function (other) { other.setAttribute("tabindex", "-1"); }, article);
    bar.setAttribute("tabindex", "0");
    pick(bar.dataset.finding || null);
  }

  each(".readout", function (readout) {
    readout.textContent = "Click a bar, or tab to one and press the arrow keys.";
  });

  each(".drawing", function (drawing) {
    var bars = Array.from(drawing.querySelectorAll("rect"));
    drawing.addEventListener("focusin", function (event) {
      if (event.target.matches("rect")) { tell(event.target); }
    });
    drawing.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      var at = bars.indexOf(document.activeElement);
      if (step && at >= 0 && bars[at + step]) {
        event.preventDefault();
        bars[at + step].focus();
      } else if (event.key === "Enter" && at >= 0 && bars[at].dataset.finding) {
        open(findings[bars[at].dataset.finding - 1]);
      }
    });
  });

  /* Makes a drawing so many times as wide as what is seen of it, around a place in percent. */
  function look(drawing, times, middle) {
    var view = drawing.parentNode;
    drawing.style.width = times * 100 + "%";
    drawing.classList.toggle("close", times > 4);
    view.scrollLeft = middle / 100 * drawing.clientWidth - view.clientWidth / 2;
  }

  each(".zoom input", function (range) {
    var drawing = range.closest(".timeline").querySelector(".drawing"), view = drawing.parentNode;
    range.addEventListener("input", function () {
      look(drawing, range.value, 100 * (view.scrollLeft + view.clientWidth / 2) / drawing.clientWidth);
    });
  });

  function showInTime(number) {
    var bars = Array.from(document.querySelectorAll("rect[data-finding='" + number + "']"));
    var begin = 100, end = 0, times, drawing;
    if (!bars.length) {
      say("It is beyond what is shown in time");
      return;
    }
    bars.forEach(function (bar) {
      var x = parseFloat(bar.getAttribute("x"));
      begin = Math.min(begin, x);
      end = Math.max(end, x + parseFloat(bar.getAttribute("width")));
    });
    drawing = bars[0].closest(".drawing");
    times = Math.min(40, Math.max(1, Math.floor(80 / Math.max(end - begin, 1))));
    drawing.closest(".timeline").querySelector(".zoom input").value = times;
    drawing.closest("article").scrollIntoView({ block: "center" });
    bars[0].focus({ preventScroll: true });
    look(drawing, times, (begin + end) / 2);
  }

  each("[data-show]", function (button) {
    button.addEventListener("click", function () { showInTime(button.dataset.show); });
  });

  /* Keys, and links to a finding, which has to be open to be read. */
  function open(finding) {
    var details = finding.querySelector("details");
    details.open = true;
    details.querySelector("summary").focus();
    finding.scrollIntoView({ block: "nearest" });
  }

  function go(step) {
    var shown = findings.filter(function (finding) { return !finding.hidden; });
    var at = shown.indexOf(document.activeElement.closest("article[id^=finding]"));
    var next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
    if (next) {
      next.querySelector("summary").focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  function copyFix() {
    var finding = document.activeElement.closest("article[id^=finding]") || findings[0];
    if (finding) { copy(finding.querySelector(".fix [data-copy]")); }
  }

  var keys = {
    j: function () { go(1); },
    k: function () { go(-1); },
    c: copyFix,
    d: turnTheme,
    "/": function () { filter.focus(); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      apply();
      filter.blur();
    } else if (event.key === "Escape") {
      pick(null);
    } else if (!event.target.matches("input") && !event.ctrlKey && !event.metaKey && !event.altKey &&
               keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  function openLinked() {
    var finding = findings.find(function (one) { return "#" + one.id === location.hash; });
    if (finding) { open(finding); }
  }

  addEventListener("hashchange", openLinked);
  openLinked();
})();
