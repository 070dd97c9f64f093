// What scripts add to pages that already say everything: sliders, linked charts, and a map to zoom in.
// No text from data is ever read as HTML; no address outside this site is asked for.
(function () {
  "use strict";
  var holder = document.getElementById("gegevens");
  var page = holder ? JSON.parse(holder.textContent) : null;
  var words = page ? page.words : {};
  // names in the data are Dutch; on an English page their English comes along
  var names = page ? page.names : {};
  var say = function (text) { return names[text] || text; };
  var writers = {};
  var dutch = function (value, decimals) {
    if (value === null || value === undefined || !isFinite(value)) return words.unknown || "onbekend";
    // one writer for each count of decimals: a new one for each number takes longer than the rest
    var writer = writers[decimals] || (writers[decimals] = new Intl.NumberFormat("nl-NL", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
    var text = writer.format(value);
    return /[1-9]/.test(text) ? text.replace("-", "−") : text.replace("-", "");
  };
  var fine = function (value) {
    if (value === null || value === undefined || !isFinite(value)) return words.unknown;
    if (Math.abs(value) < 1e-6) return "0";
    return dutch(value, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value)))));
  };
  var signed = function (value, decimals) {
    var text = dutch(value, decimals);
    return value > 0 && /[1-9]/.test(text) ? "+" + text : text;
  };
  var three = function (value) {
    if (value === null || value === undefined || !isFinite(value)) return words.unknown;
    if (value === 0) return "0";
    return dutch(value, Math.min(2, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))));
  };
  var read = function (text) {
    var plain = text.trim().replace("−", "-");
    if (/^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$/.test(plain)) plain = plain.replace(/\./g, "");
    plain = plain.replace(",", ".");
    return /^[-+]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  };
  var make = function (tag, text, name) {
    var made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  var anchor = function (text, address) {
    var made = make("a", text);
    made.setAttribute("href", address);
    return made;
  };
  // one line of a legend
  var swatch = function (label, colour, hatched) {
    var line = make("li"), ns = "http://www.w3.org/2000/svg", icon = document.createElementNS(ns, "svg"), mark = document.createElementNS(ns, "rect");
    icon.setAttribute("viewBox", "0 0 26 18"); icon.setAttribute("aria-hidden", "true");
    mark.setAttribute("width", "26"); mark.setAttribute("height", "18"); mark.setAttribute("fill", colour);
    icon.appendChild(mark);
    if (hatched) { var lines = document.createElementNS(ns, "path"); lines.setAttribute("d", "M0 18L18 0M8 18L26 0"); lines.setAttribute("stroke", "#000"); icon.appendChild(lines); }
    line.appendChild(icon);
    line.appendChild(document.createTextNode(label));
    return line;
  };
  var classOf = function (value, marks) {
    if (value === null || value === undefined) return -1;
    return marks.filter(function (bound) { return value >= bound; }).length;
  };
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var load = function (address, then) {
    var script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", then);
    document.body.appendChild(script);
  };

  // every figure of the front stands in three bytes: five digits with a sign, and their power of ten
  var unpack = function (text) {
    var bytes = atob(text), found = new Array(bytes.length / 3);
    for (var k = 0; k < found.length; k += 1) {
      var code = bytes.charCodeAt(3 * k) * 65536 + bytes.charCodeAt(3 * k + 1) * 256 + bytes.charCodeAt(3 * k + 2);
      var digits = Math.floor(code / 64) - 100000, power = code % 64 - 32;
      found[k] = code === 16777215 ? null : power < 0 ? digits / Math.pow(10, -power) : digits * Math.pow(10, power);
    }
    return found;
  };
  var columnsOf = function () {
    var columns = {}, packed = window.EVENGROUND_WHOLE;
    Object.keys(packed).forEach(function (key) { columns[key] = unpack(packed[key]); });
    return columns;
  };

  // places that a list holds at once: a large plan has thousands, and they stand dearest first
  var MOST_LISTED = 300, MANY_SQUARES = 2000;
  // lines that are painted on each move of a limit
  var MOST_MOVING = 3000;

  // -- a slider beside every number that has a range
  document.querySelectorAll("input[data-low]").forEach(function (field) {
    var low = Number(field.dataset.low), high = Number(field.dataset.high);
    if (!(high > low)) return;
    var slider = make("input");
    slider.type = "range";
    slider.min = low; slider.max = high; slider.step = (high - low) / 200;
    var label = document.querySelector('label[for="' + field.id + '"]');
    slider.setAttribute("aria-label", (label ? label.textContent.trim() + ": " : "") + (words.slider || (document.documentElement.lang === "en" ? "slider" : "schuif")));
    var fromField = function () { var value = read(field.value); slider.value = value === null ? high : value; };
    fromField();
    slider.addEventListener("input", function () {
      var value = Number(slider.value);
      var up = Math.pow(10, Number(field.dataset.decimals || 1));
      field.value = value >= high ? "" : String(Math.ceil(value * up - 1e-9) / up).replace(".", ",");
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    field.addEventListener("change", fromField);
    field.addEventListener("input", fromField);
    field.parentNode.insertBefore(slider, field);
  });

  // -- what a changed amount does, while it is typed; the button below says the same and more
  var amounts = document.querySelector("form[data-direct]"), table = document.getElementById("direct");
  if (amounts && table && window.fetch) {
    table.hidden = false;
    var asked = 0, shownAt = 0, waiting = null;
    var follow = function () {
      var mine = asked += 1, body = new URLSearchParams(new FormData(amounts)), began = performance.now();
      fetch(amounts.dataset.direct.split("?")[0] + "/direct", { method: "POST", body: body }).then(function (answer) { return answer.json(); }).then(function (told) {
        if (mine < shownAt) return;
        shownAt = mine;
        var said = document.getElementById("regels");
        said.textContent = "";
        if (told.fault) { said.className = "warn"; said.lang = "nl"; said.textContent = told.fault; return; }
        table.querySelectorAll("[data-score]").forEach(function (row) {
          var texts = told.rows[row.dataset.score] || ["", ""];
          row.cells[2].textContent = texts[0];
          row.cells[3].textContent = texts[1];
        });
        said.className = told.broken.length ? "warn" : "good";
        said.textContent = told.broken.length ? "! " + table.dataset.broken + " " : table.dataset.rules;
        if (told.broken.length) { var dutchWords = make("span", told.broken.join("; ")); dutchWords.lang = "nl"; said.appendChild(dutchWords); }
        table.dataset.ms = String(Math.round(performance.now() - began));
        table.dataset.told = String(mine);
      }).catch(function () { table.dataset.told = "failed"; });
    };
    amounts.addEventListener("input", function () { window.clearTimeout(waiting); waiting = window.setTimeout(follow, 40); });
    follow();
  }

  // -- a choice as a file, where nobody is there to keep it
  var choosing = document.querySelector("form[data-file]");
  if (choosing) {
    document.getElementById("maak").hidden = false;
    var wanted = new URLSearchParams(location.search).get("voorstel"), options = choosing.elements.voorstel.options;
    for (var o = 0; o < options.length; o += 1) if (options[o].value === wanted) choosing.elements.voorstel.selectedIndex = o;
    document.getElementById("druk").addEventListener("click", function () { window.print(); });
    choosing.addEventListener("submit", function (event) {
      event.preventDefault();
      var given = choosing.elements, proposal = given.voorstel.options[given.voorstel.selectedIndex];
      // the very line that a server adds to the same file
      var told = { date: new Date().toISOString().slice(0, 19) + "+00:00", proposal: proposal.value, proposal_name: proposal.dataset.name, name: given.naam.value.trim(), role: given.rol.value.trim(), note: given.toelichting.value.trim() };
      var file = anchor("", "data:application/jsonl;charset=utf-8," + encodeURIComponent(JSON.stringify(told) + "\n"));
      file.download = choosing.dataset.file;
      document.body.appendChild(file);
      file.click();
      file.remove();
      var made = document.getElementById("gemaakt");
      made.querySelectorAll("[data-of]").forEach(function (part) { part.textContent = part.dataset.of === "shown" ? proposal.textContent : told[part.dataset.of]; });
      made.querySelector("[data-of=date]").textContent = told.date.slice(0, 16).replace(/(\d+)-(\d+)-(\d+)T/, "$3-$2-$1 ");
      document.getElementById("pakket").setAttribute("href", proposal.dataset.zip);
      made.hidden = false;
      document.body.classList.add("made"); // so that paper holds the choice alone
    });
  }

  // -- who accepts what, where no server answers: the same sums as a server's
  var goals = document.querySelector("form[data-goals]");
  if (goals && window.EVENGROUND_FRONT && window.EVENGROUND_WHOLE) {
    var told = JSON.parse(goals.dataset.goals), given = window.EVENGROUND_FRONT, whole = columnsOf();
    names = told.names;
    document.getElementById("wie").hidden = false;
    goals.addEventListener("submit", function (event) {
      event.preventDefault();
      var roles = [], strictest = {}, holder = document.getElementById("aanvaard");
      goals.querySelectorAll("fieldset").forEach(function (set) {
        var asked = [];
        set.querySelectorAll("input[data-score]").forEach(function (field) {
          var most = read(field.value), key = field.dataset.score;
          if (most === null) return;
          asked.push({ key: key, most: most, span: Math.max(Number(field.dataset.high) - Number(field.dataset.low), 1e-12) });
          strictest[key] = key in strictest ? Math.min(strictest[key], most) : most;
        });
        if (asked.length) roles.push({ name: set.querySelector("legend").textContent, asked: asked });
      });
      holder.textContent = "";
      if (!roles.length) return;
      var accepts = function (role, values) { return role.asked.every(function (a) { return values[a.key] !== null && values[a.key] <= a.most; }); };
      var rows = given.proposals.map(function (p) {
        var yes = roles.map(function (role) { return accepts(role, p.values); }), short = 0;
        roles.forEach(function (role) { role.asked.forEach(function (a) { if (p.values[a.key] !== null) short = Math.max(short, (p.values[a.key] - a.most) / a.span); }); });
        return { p: p, yes: yes, all: yes.every(Boolean), short: short };
      });
      var fitting = 0, count = given.count, keys = Object.keys(strictest);
      for (var k = 0; k < count; k += 1) if (keys.every(function (key) { var v = whole[key][k]; return v !== null && v <= strictest[key]; })) fitting += 1;
      var overlap = rows.filter(function (row) { return row.all; }).length;
      var said = make("p", (overlap ? told.some + " " + overlap + "." : told.none) + " " + told.fit + " " + dutch(fitting, 0) + " " + told.of + " " + dutch(count, 0) + ". ", overlap ? "good" : "warn");
      said.setAttribute("role", "status");
      var query = new URLSearchParams({ alle: "1" });
      keys.forEach(function (key) { query.set("max_" + key, String(strictest[key]).replace(".", ",")); });
      if (fitting) said.appendChild(anchor(told.show, told.all + "?" + query));
      holder.appendChild(said);
      var table = make("table"), head = make("thead"), names = make("tr"), body = make("tbody");
      table.appendChild(make("caption", told.who));
      [told.proposal].concat(roles.map(function (role) { return role.name; })).forEach(function (text) { var cell = make("th", text); cell.scope = "col"; names.appendChild(cell); });
      head.appendChild(names);
      table.appendChild(head);
      rows.forEach(function (row) {
        var line = make("tr"), first = make("th"), to = anchor(say(row.p.name), told.place.replace("X0X", row.p.id));
        first.scope = "row";
        first.appendChild(to);
        line.appendChild(first);
        row.yes.forEach(function (is) { line.appendChild(make("td", is ? told.yes : told.no)); });
        body.appendChild(line);
      });
      table.appendChild(body);
      holder.appendChild(table);
      if (!overlap && rows.length) {
        var near = rows.reduce(function (a, b) { return b.short < a.short ? b : a; }), title = make("h2", told.nearest + ": ");
        var link = anchor(say(near.p.name), told.place.replace("X0X", near.p.id));
        title.appendChild(link);
        holder.appendChild(title);
      }
    });
  }

  // -- a table that goes on to the right says so
  var wide = Array.prototype.slice.call(document.querySelectorAll(".scroll"));
  var mark = function (box) { box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 4); };
  wide.forEach(function (box) { mark(box); box.addEventListener("scroll", function () { mark(box); }); });
  window.addEventListener("resize", function () { wide.forEach(mark); });

  if (document.getElementById("laadt")) window.setTimeout(function () { location.reload(); }, 3000);
  if (!page) return;
  if (page.page === "vergelijk") compare();
  var map = window.ol && window.EVENGROUND ? liveMap() : null;
  if (page.page === "afwegingen" && window.echarts && window.EVENGROUND_FRONT) tradeOffs(map);
  else if (map && page.chosen) map.plan(page.chosen);
  var choice = document.getElementById("welk");
  if (choice) choice.addEventListener("change", function () { choice.form.submit(); });

  // -- proposals side by side where no server answers: all are on the page, and those that are
  // chosen are shown; the address is that of a server
  function compare() {
    var form = document.getElementById("vergelijking"), theme = document.getElementById("thema");
    var lists = ["a", "b", "c"].map(function (key) { return document.getElementById(key); });
    var asked = new URLSearchParams(location.search), first = theme.value;
    if (!lists[0].options.length) return;
    form.hidden = false;
    var set = function (list, value) { Array.prototype.forEach.call(list.options, function (option) { if (value !== null && option.value === value) list.value = value; }); };
    set(lists[0], asked.get("a"));
    // at first the first other one
    lists[1].selectedIndex = lists[1].options.length > 1 && lists[0].selectedIndex === 0 ? 1 : 0;
    lists.slice(1).forEach(function (list) { set(list, asked.get(list.id)); });
    set(theme, asked.get("thema"));
    var show = function () {
      var chosen = lists.map(function (list) { return list.value; }).filter(function (id, k, all) { return id && all.indexOf(id) === k; });
      // in the order in which they were chosen
      var parts = Array.prototype.slice.call(document.querySelectorAll("main [data-of]"));
      parts.forEach(function (part) { part.hidden = chosen.indexOf(part.dataset.of) < 0; });
      chosen.forEach(function (id) { parts.forEach(function (part) { if (part.dataset.of === id) part.parentNode.appendChild(part); }); });
      document.querySelectorAll("main tr.kind").forEach(function (row) { row.hidden = !row.querySelector("[data-built]:not([hidden])"); });
      var shared = document.getElementById("gedeeld"), share = page.shares[chosen.slice().sort().join(" ")];
      if (shared) { shared.hidden = share === undefined || share === null; shared.querySelector("b").textContent = dutch(100 * (share || 0), 0) + " %"; }
      wide.forEach(mark);
      var address = new URLSearchParams();
      lists.forEach(function (list) { if (list.value) address.set(list.id, list.value); });
      if (theme.value !== first) address.set("thema", theme.value);
      history.replaceState(null, "", "?" + address);
      var other = document.querySelector("header.page a[hreflang]");
      other.setAttribute("href", other.getAttribute("href").split("?")[0] + "?" + address);
      if (theme.value !== first || window.EVENGROUND) colour(chosen); else document.documentElement.dataset.shown = chosen.join(" ") + " " + theme.value;
    };
    // another theme needs more figures: they are fetched when they are asked for
    var coming = {};
    var need = function (address, is_there, then) {
      if (is_there()) { then(); return; }
      if (!coming[address]) { coming[address] = []; load(address, function () { coming[address].forEach(function (one) { one(); }); }); }
      coming[address].push(then);
    };
    var turn = 0;
    var colour = function (chosen) {
      var mine = turn += 1, key = theme.value, left = chosen.length;
      need(page.map, function () { return window.EVENGROUND; }, function () {
        chosen.forEach(function (id) {
          need(page.plans[id], function () { return (window.EVENGROUND_AFTER || {})[id]; }, function () {
            if (mine !== turn) return;
            paint(id, key);
            left -= 1;
            if (!left) document.documentElement.dataset.shown = chosen.join(" ") + " " + key;
          });
        });
      });
    };
    var paint = function (id, key) {
      var figure = Array.prototype.filter.call(document.querySelectorAll("#verschillen figure"), function (one) { return one.dataset.of === id; })[0];
      var city = window.EVENGROUND, classes = city.scales[key].difference, now = city.now[key], after = window.EVENGROUND_AFTER[id][key], used = {};
      var info = city.themes.filter(function (one) { return one.key === key; })[0], ns = "http://www.w3.org/2000/svg";
      figure.querySelector("figcaption small").textContent = say(info.name) + ", " + say(info.unit);
      figure.querySelectorAll("svg.map use:not([data-place])").forEach(function (hatch) { hatch.remove(); });
      figure.querySelectorAll("svg.map use[data-place]").forEach(function (shape) {
        var k = Number(shape.dataset.place), value = now[k] === null || after[k] === null ? null : after[k] - now[k], at = classOf(value, classes.bounds);
        used[at] = true;
        shape.setAttribute("fill", at < 0 ? "#b3b3b3" : classes.colours[at]);
        shape.querySelector("title").textContent = city.neighbourhoods[k].name + ": " + (value === null ? words.unknown : signed(value, info.decimals));
        if (at < 4) return;
        var hatch = document.createElementNS(ns, "use");
        hatch.setAttribute("href", "#b" + k); hatch.setAttribute("fill", "url(#hatch)");
        shape.parentNode.insertBefore(hatch, shape.nextSibling);
      });
      var list = make("ul", undefined, "legend");
      classes.labels.forEach(function (label, k) { if (used[k]) list.appendChild(swatch(say(label), classes.colours[k], k >= 4)); });
      if (used[-1]) list.appendChild(swatch(words.few, "#b3b3b3", false));
      figure.replaceChild(list, figure.querySelector(".legend"));
    };
    lists.concat([theme]).forEach(function (list) { list.addEventListener("change", show); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    show();
  }

  // -- plans: table, parallel axes and scatter, all by the same limits
  function tradeOffs(map) {
    var front = window.EVENGROUND_FRONT, scores = front.scores;
    var form = document.getElementById("grenzen"), body = document.getElementById("rijen");
    var all = document.getElementById("alle"), order = document.getElementById("sorteer");
    var hidden = document.getElementById("kies");
    var named = {}, chosen = page.chosen;
    front.proposals.forEach(function (p) { named[p.candidate] = p; });
    document.getElementById("grafieken").hidden = false;
    form.querySelector("button[type=submit]").hidden = true;
    // sheets are of a server's table; this one holds what fits at any moment
    if (document.getElementById("bladen")) document.getElementById("bladen").hidden = true;
    var asked = new URLSearchParams(location.search);
    if (!page.live) {
      scores.forEach(function (s) { document.getElementById("max_" + s.key).value = asked.get("max_" + s.key) || ""; document.getElementById("max_" + s.key).dispatchEvent(new Event("input")); });
      all.checked = asked.get("alle") === "1";
      if (asked.get("sorteer") && scores.some(function (s) { return s.key === asked.get("sorteer"); })) order.value = asked.get("sorteer");
      if (front.proposals.some(function (p) { return p.id === asked.get("kies"); })) chosen = asked.get("kies");
    }
    var parallel = echarts.init(document.getElementById("parallel"), null, { renderer: "canvas" });
    var scatter = echarts.init(document.getElementById("strooi"), null, { renderer: "canvas" });
    var limits = function () {
      var found = {};
      scores.forEach(function (s) { found[s.key] = read(document.getElementById("max_" + s.key).value); });
      return found;
    };
    // rows are made once, in each order once: a limit that moves then only asks what fits
    var kept = {}, whole = null, is_loading = false;
    var rows = function () {
      var key = order.value, name = (all.checked ? "all " : "") + key;
      if (kept[name]) return kept[name];
      var found = kept[all.checked ? "all" : ""];
      if (!found) {
        found = front.proposals.map(function (p) { return { proposal: p, values: p.values, candidate: p.candidate }; });
        if (all.checked) {
          found = [];
          for (var k = 0; k < front.count; k += 1) {
            var values = {};
            for (var j = 0; j < scores.length; j += 1) values[scores[j].key] = whole[scores[j].key][k];
            found.push({ proposal: named[k] || null, values: values, candidate: k });
          }
        }
        kept[all.checked ? "all" : ""] = found;
      }
      kept[name] = found.slice().sort(function (a, b) { return (a.values[key] === null ? Infinity : a.values[key]) - (b.values[key] === null ? Infinity : b.values[key]); });
      return kept[name];
    };
    var within = function (everything, most) {
      var asked = scores.map(function (s) { return s.key; }).filter(function (key) { return most[key] !== null; });
      return everything.filter(function (row) {
        for (var j = 0; j < asked.length; j += 1) { var value = row.values[asked[j]]; if (value === null || value > most[asked[j]]) return false; }
        return true;
      });
    };
    var shown = function (s, value) { return s.kind === "million" ? dutch(value, s.decimals) : signed(value, s.decimals); };
    var name = function (row) { return row.proposal ? row.proposal.number + ". " + say(row.proposal.name) : words.plan + " " + row.candidate; };
    var dash = function (p) {
      var ns = "http://www.w3.org/2000/svg", icon = document.createElementNS(ns, "svg"), mark = document.createElementNS(ns, "path");
      icon.setAttribute("class", "dash"); icon.setAttribute("viewBox", "0 0 36 8"); icon.setAttribute("aria-hidden", "true");
      mark.setAttribute("d", "M0 4H36"); mark.setAttribute("stroke", p.colour); mark.setAttribute("stroke-width", "4");
      if (p.number % 3) mark.setAttribute("stroke-dasharray", p.number % 3 === 1 ? "8 4" : "3 3");
      icon.appendChild(mark);
      return icon;
    };
    var fill = function (fitting) {
      body.textContent = "";
      fitting.slice(0, 100).forEach(function (row) {
        var line = make("tr"), p = row.proposal;
        if (p && p.id === chosen) line.className = "chosen";
        var first = make("td", undefined, "nowrap");
        if (p) { line.dataset.id = p.id; first.appendChild(make("span", String(p.number), "badge")); first.appendChild(document.createTextNode(" ")); first.appendChild(dash(p)); }
        line.appendChild(first);
        var head = make("th");
        head.scope = "row";
        if (p) { head.appendChild(anchor(say(p.name), page.links[p.id].voorstel)); } else head.textContent = words.plan + " " + row.candidate;
        line.appendChild(head);
        scores.forEach(function (s) { line.appendChild(make("td", shown(s, row.values[s.key]), "n")); });
        var last = make("td");
        if (p) {
          var pick = anchor(words.show, "?kies=" + encodeURIComponent(p.id));
          pick.dataset.kies = p.id;
          pick.setAttribute("aria-label", words.show + " " + say(p.name));
          last.appendChild(pick);
        }
        line.appendChild(last);
        body.appendChild(line);
      });
      if (!fitting.length) {
        var none = make("tr"), cell = make("td", words.none);
        cell.colSpan = scores.length + 3;
        none.appendChild(cell);
        body.appendChild(none);
      }
    };
    var lineOf = function (row) { return scores.map(function (s) { return row.values[s.key]; }); };
    var draw = function () {
      if (all.checked && !whole) {
        if (!is_loading) load(page.front, function () { whole = columnsOf(); draw(); });
        is_loading = true;
        return;
      }
      var everything = rows(), fitting = within(everything, limits());
      fill(fitting);
      var said = dutch(fitting.length, 0) + " " + words.of + " " + dutch(everything.length, 0) + " " + words.fit;
      document.getElementById("stand").textContent = fitting.length > 100 ? said + " " + words.first : said;
      var plain = fitting.filter(function (row) { return !row.proposal; });
      var ours = fitting.filter(function (row) { return row.proposal; });
      parallel.setOption({ series: [
        { type: "parallel", lineStyle: { width: 3, opacity: 1 }, emphasis: { lineStyle: { width: 6 } }, data: ours.map(function (row) {
          var p = row.proposal, is = p.id === chosen;
          return { value: lineOf(row), name: name(row), id: p.id, lineStyle: { color: p.colour, width: is ? 6 : 2.5, type: ["solid", "dashed", "dotted"][p.number % 3] } };
        }) }
      ] }, { replaceMerge: ["series"] });
      points(everything, ours);
      paint(everything, plain);
      var address = new URLSearchParams();
      scores.forEach(function (s) { var text = document.getElementById("max_" + s.key).value.trim(); if (text) address.set("max_" + s.key, text); });
      if (order.selectedIndex > 0) address.set("sorteer", order.value);
      if (all.checked) address.set("alle", "1");
      if (chosen && (asked.get("kies") || chosen !== page.chosen)) address.set("kies", chosen);
      if (page.live && page.lang === "en") address.set("lang", "en");
      var text = address.toString();
      history.replaceState(null, "", text ? "?" + text : location.pathname);
      document.documentElement.dataset.ready = "1";
    };
    var narrow = window.innerWidth < 640;
    parallel.setOption({
      animation: !calm, animationDuration: 200,
      tooltip: { renderMode: "richText", confine: true, formatter: function (item) { return item.name || ""; } },
      parallel: narrow ? { layout: "vertical", left: 20, right: 30, top: 30, bottom: 20 } : { left: 70, right: 90, top: 70, bottom: 30 },
      parallelAxis: scores.map(function (s, k) {
        var low = front.ranges[s.key][0], high = front.ranges[s.key][1];
        var pad = (high - low || 1) * 0.02;
        return { dim: k, name: narrow ? say(s.name) : say(s.name) + "\n(" + say(s.unit) + ")", nameLocation: "end", nameGap: narrow ? 4 : 16, min: low - pad, max: high + pad,
          nameTextStyle: { color: "#001a40", textBorderColor: "#fff", textBorderWidth: 3, fontSize: narrow ? 11 : 12, fontWeight: "bold", lineHeight: 15, align: narrow ? "right" : "center", verticalAlign: "bottom" },
          axisLabel: { color: "#001a40", textBorderColor: "#fff", textBorderWidth: 3, showMinLabel: false, showMaxLabel: false, formatter: function (v) { return dutch(v, high - low < 5 ? 1 : 0); } }, splitNumber: 4,
          areaSelectStyle: { width: 22, color: "#743fff", borderColor: "#3b0fb0", opacity: 0.3 } };
      }),
      series: []
    });
    parallel.on("axisareaselected", function () {
      var option = parallel.getOption();
      option.parallelAxis.forEach(function (axis, k) {
        var spans = (parallel.getModel ? parallel.getModel().getComponent("parallelAxis", k).activeIntervals : []) || [];
        if (spans.length) {
          var up = Math.pow(10, scores[k].decimals), field = document.getElementById("max_" + scores[k].key);
          field.value = String(Math.ceil(spans[0][1] * up) / up).replace(".", ",");
          field.dispatchEvent(new Event("input"));
        }
      });
      draw();
    });
    var points = function (everything, ours) {
      var x = document.getElementById("as_x").value, y = document.getElementById("as_y").value;
      var of = function (key) { return scores.filter(function (s) { return s.key === key; })[0]; };
      var reach = function (rows, x, y) {
        if (all.checked) return [0, 1].map(function (end) { return [front.ranges[x][end], front.ranges[y][end]]; });
        return rows.map(at);
      };
      var at = function (row) { return [row.values[x], row.values[y]]; };
      var title = function (key) { return say(of(key).name) + " (" + say(of(key).unit) + ")"; };
      var label = function (v) { return dutch(v, Math.abs(v) < 10 && v % 1 !== 0 ? 1 : 0); };
      scatter.setOption({
        animation: !calm, animationDuration: 200,
        grid: { left: 60, right: 30, top: 36, bottom: 50 },
        tooltip: { renderMode: "richText", confine: true, formatter: function (item) { return item.name || ""; } },
        xAxis: { name: title(x), nameLocation: "middle", nameGap: 30, scale: true, nameTextStyle: { color: "#001a40" }, axisLabel: { color: "#001a40", formatter: label } },
        yAxis: { name: title(y), nameLocation: "end", scale: true, nameTextStyle: { color: "#001a40", align: "left", padding: [0, 0, 0, -50] }, axisLabel: { color: "#001a40", formatter: label } },
        series: [
          // room for everything that is painted below, so that axes stay where they are
          { type: "scatter", silent: true, animation: false, symbolSize: 0, data: reach(everything, x, y) },
          { type: "scatter", label: { show: true, color: "#001a40", textBorderColor: "#fff", textBorderWidth: 2, fontWeight: "bold", formatter: function (item) { return item.data.number; } }, data: ours.map(function (r) {
            return { value: at(r), name: name(r), label: { position: ["top", "right", "bottom", "left"][r.proposal.number % 4] }, id: r.proposal.id, number: String(r.proposal.number), symbol: r.proposal.mark, symbolSize: r.proposal.id === chosen ? 22 : 15, itemStyle: { color: r.proposal.colour, borderColor: "#001a40", borderWidth: r.proposal.id === chosen ? 3 : 1 } };
          }) }
        ]
      }, { replaceMerge: ["series"] });
    };
    // plans that nobody can point at are painted below the charts: all in grey once, and on each
    // move of a limit only those that fit
    var sheet = function (holder) {
      var drawn = make("canvas", undefined, "below");
      holder.insertBefore(drawn, holder.firstChild);
      return drawn;
    };
    var sheets = ["parallel", "strooi"].map(function (id) { var holder = document.getElementById(id); return { fitting: sheet(holder), all: sheet(holder) }; });
    var pen = function (canvas, colour, opacity) {
      var sharp = window.devicePixelRatio || 1, box = canvas.parentNode;
      canvas.width = box.clientWidth * sharp; canvas.height = box.clientHeight * sharp;
      var found = canvas.getContext("2d");
      found.scale(sharp, sharp);
      found.strokeStyle = colour; found.fillStyle = colour; found.globalAlpha = opacity;
      return found;
    };
    var lines = function (canvas, rows, colour, opacity) {
      var drawn = pen(canvas, colour, opacity), room = parallel.getModel().getComponent("parallel").coordinateSystem;
      var axes = scores.map(function (s, k) {
        var low = front.ranges[s.key][0], high = front.ranges[s.key][1], dim = room.dimensions[k], from = room.dataToPoint(low, dim), to = room.dataToPoint(high, dim), span = high - low || 1;
        return { key: s.key, low: low, x: from[0], y: from[1], dx: (to[0] - from[0]) / span, dy: (to[1] - from[1]) / span };
      });
      // many lines in one stroke: so that thousands take no longer than hundreds
      var bundle = Math.ceil(rows.length / 400);
      rows.forEach(function (row, k) {
        if (k % bundle === 0) drawn.beginPath();
        var is_open = false;
        for (var j = 0; j < axes.length; j += 1) {
          var axis = axes[j], value = row.values[axis.key];
          if (value === null) continue;
          var x = axis.x + axis.dx * (value - axis.low), y = axis.y + axis.dy * (value - axis.low);
          if (is_open) drawn.lineTo(x, y); else drawn.moveTo(x, y);
          is_open = true;
        }
        if (k % bundle === bundle - 1 || k === rows.length - 1) drawn.stroke();
      });
    };
    var dots = function (canvas, rows, colour, opacity, size) {
      var drawn = pen(canvas, colour, opacity), x = document.getElementById("as_x").value, y = document.getElementById("as_y").value;
      var from = scatter.convertToPixel("grid", [0, 0]), to = scatter.convertToPixel("grid", [1, 1]);
      rows.forEach(function (row) {
        if (row.values[x] === null || row.values[y] === null) return;
        drawn.fillRect(from[0] + (to[0] - from[0]) * row.values[x] - size / 2, from[1] + (to[1] - from[1]) * row.values[y] - size / 2, size, size);
      });
    };
    var painted = "", resting = null;
    var paint = function (everything, plain) {
      var now = [all.checked, document.getElementById("as_x").value, document.getElementById("as_y").value, parallel.getWidth(), scatter.getWidth()].join("|");
      if (now !== painted) {
        var many = everything.filter(function (row) { return !row.proposal; });
        lines(sheets[0].all, many, "#9aa5b5", 0.12);
        dots(sheets[1].all, many, "#9aa5b5", 0.35, 4);
        painted = now;
      }
      // while a limit moves a part of very many lines is painted, and all of them once it rests
      var few = Math.ceil(plain.length / MOST_MOVING);
      var paintLines = function (every) { lines(sheets[0].fitting, every < 2 ? plain : plain.filter(function (_, k) { return k % every === 0; }), "#3d5374", plain.length > 300 ? 0.12 : 0.4); };
      window.clearTimeout(resting);
      paintLines(few);
      if (few > 1) resting = window.setTimeout(function () { paintLines(1); }, 300);
      dots(sheets[1].fitting, plain, "#3d5374", 0.5, 5);
    };
    var pick = function (id) {
      if (!id || !page.links[id]) return;
      chosen = id;
      asked.set("kies", id);
      if (hidden) hidden.value = id;
      var p = front.proposals.filter(function (one) { return one.id === id; })[0];
      document.getElementById("kaartnaam").textContent = say(p.name);
      document.getElementById("kaartreden").textContent = say(p.reason);
      if (map) map.plan(id);
      draw();
    };
    parallel.on("click", function (item) { if (item.data) pick(item.data.id); });
    scatter.on("click", function (item) { if (item.data) pick(item.data.id); });
    body.addEventListener("click", function (event) {
      var to = event.target.closest("[data-kies]");
      if (!to) return;
      event.preventDefault();
      var id = to.dataset.kies;
      pick(id);
      document.getElementById("kaart").scrollIntoView();
    });
    // what is typed is drawn at once; leaving the field must not draw the same again, or a click
    // on a row would find that row gone
    var last = "";
    var drawIfNew = function () {
      var now = [all.checked, order.value].concat(scores.map(function (s) { return document.getElementById("max_" + s.key).value.trim(); })).join("|");
      if (now !== last) { last = now; draw(); }
    };
    form.addEventListener("input", drawIfNew);
    form.addEventListener("change", drawIfNew);
    form.addEventListener("submit", function (event) { event.preventDefault(); draw(); });
    ["as_x", "as_y"].forEach(function (id) { document.getElementById(id).addEventListener("change", draw); });
    window.addEventListener("resize", function () { parallel.resize(); scatter.resize(); draw(); });
    if (chosen !== page.chosen) pick(chosen); else { draw(); if (map && chosen) map.plan(chosen); }
  }

  // -- tiles of the one service that whoever serves these pages has named; none otherwise
  function ground(grid) {
    var base = window.EVENGROUND_BASE, widths = [];
    if (!base) return null;
    for (var level = 0; level < 15; level += 1) widths.push(3440.64 / Math.pow(2, level));
    return new ol.layer.Tile({ source: new ol.source.XYZ({
      projection: grid,
      tileGrid: new ol.tilegrid.TileGrid({ origin: [-285401.92, 903401.92], resolutions: widths, tileSize: 256 }),
      tileUrlFunction: function (at) {
        return base.address.replace("{zz}", (at[0] < 10 ? "0" : "") + at[0]).replace("{z}", at[0]).replace("{x}", at[1]).replace("{y}", at[2]);
      }
    }) });
  }

  // -- a map in metres of the Dutch grid, as it was computed: nothing is projected anew
  function liveMap() {
    var box = document.getElementById("kaartvak");
    if (!box) return null;
    box.hidden = false;
    var city = window.EVENGROUND, bounds = city.bounds;
    var grid = new ol.proj.Projection({ code: "EPSG:28992", units: "m", extent: [-285401.92, 22598.08, 595401.92, 903401.92] });
    var corners = function (outline) {
      return outline.map(function (polygon) {
        return polygon.map(function (ring) {
          var points = [];
          for (var i = 0; i < ring.length; i += 2) points.push([ring[i], ring[i + 1]]);
          return points;
        });
      });
    };
    var shapes = city.outlines.map(function (outline, k) {
      var feature = new ol.Feature(new ol.geom.MultiPolygon(corners(outline)));
      feature.set("place", k);
      return feature;
    });
    var hatch = (function () {
      var drawn = document.createElement("canvas");
      drawn.width = 8; drawn.height = 8;
      var pen = drawn.getContext("2d");
      return function (colour) {
        pen.fillStyle = colour; pen.fillRect(0, 0, 8, 8);
        pen.strokeStyle = "#000"; pen.lineWidth = 1.2;
        pen.beginPath(); pen.moveTo(0, 8); pen.lineTo(8, 0); pen.stroke();
        return pen.createPattern(drawn, "repeat");
      };
    })();
    // a site as large as a neighbourhood would hide the colour below, and other works on it
    var striped = {};
    var stripes = function (colour, kind) {
      if (striped[kind]) return striped[kind];
      var drawn = document.createElement("canvas"), pen = drawn.getContext("2d"), from = 4 * (kind % 4);
      drawn.width = 16; drawn.height = 16;
      pen.fillStyle = colour;
      for (var row = 0; row < 16; row += 1) for (var at = 0; at < 4; at += 1) pen.fillRect((from + at + row) % 16, row, 1, 1);
      striped[kind] = pen.createPattern(drawn, "repeat");
      return striped[kind];
    };
    var selected = -1, asking = -1, plan = null, id = "", far = Infinity, was = false;
    var isFar = function () { return view.getResolution() >= far; };
    var theme = document.getElementById("thema"), squares = document.getElementById("plekken");
    var moment = function () { return document.querySelector('input[name="moment"]:checked').value; };
    var valueOf = function (k) {
      var now = city.now[theme.value][k], after = plan ? plan.after[theme.value][k] : null;
      if (moment() === "now") return now;
      if (moment() === "after") return after;
      return now === null || after === null ? null : after - now;
    };
    var kind = function () { return moment() === "difference" ? "difference" : "level"; };
    // borders of many small neighbourhoods would hide what lies between them
    var areas = new ol.layer.Vector({ source: new ol.source.Vector({ features: shapes }), style: function (feature, resolution) {
      var k = feature.get("place"), classes = city.scales[theme.value][kind()];
      var at = classOf(valueOf(k), classes.bounds), colour = at < 0 ? "#b3b3b3" : classes.colours[at];
      var fill = kind() === "difference" && at >= 4 ? hatch(colour) : colour;
      return new ol.style.Style({ fill: new ol.style.Fill({ color: fill }), stroke: new ol.style.Stroke({ color: k === selected ? "#000" : "#fff", width: k === selected ? 3 : resolution > 25 ? 0.4 : 1 }), zIndex: k === selected ? 2 : 1 });
    } });
    var built = new ol.source.Vector();
    var works = new ol.layer.Vector({ source: built, style: function (feature, resolution) {
      var edge = resolution * 6 < city.site_m ? new ol.style.Stroke({ color: "rgba(0,0,0,0.45)", width: 0.7 }) : undefined;
      var colour = city.kinds[feature.get("kind")].colour;
      if (feature.get("work") === asking) return new ol.style.Style({ fill: new ol.style.Fill({ color: colour }), stroke: new ol.style.Stroke({ color: "#000", width: 3 }), zIndex: 2 });
      if (feature.get("own") && city.sites.kind !== "streets") return new ol.style.Style({ fill: new ol.style.Fill({ color: stripes(colour, feature.get("kind")) }), stroke: new ol.style.Stroke({ color: colour, width: 1 }) });
      if (feature.get("own")) return new ol.style.Style({ fill: new ol.style.Fill({ color: colour + "aa" }), stroke: new ol.style.Stroke({ color: colour, width: 1.5 }) });
      return new ol.style.Style({ fill: new ol.style.Fill({ color: colour }), stroke: edge });
    } });
    var target = document.getElementById("olkaart"), under = ground(grid);
    var view = new ol.View({ projection: grid, center: [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2], resolution: 20, constrainResolution: false, minResolution: 0.5, maxResolution: 400 });
    var drawn = new ol.Map({ target: target, layers: under ? [under, areas, works] : [areas, works], view: view, keyboardEventTarget: target,
      controls: [new ol.control.Zoom({ zoomInTipLabel: "+", zoomOutTipLabel: "−" }), new ol.control.ScaleLine({ units: "metric" })] });
    view.fit(bounds, { padding: [10, 10, 10, 10] });
    if (under) {
      var switched = document.getElementById("ondergrond"), credit = make("p", words.ground + ": " + window.EVENGROUND_BASE.credit, "credit");
      target.appendChild(credit);
      document.getElementById("ondergrondvak").hidden = false;
      var shade = function () { under.setVisible(switched.checked); credit.hidden = !switched.checked; areas.setOpacity(switched.checked ? 0.65 : 1); };
      switched.addEventListener("change", shade);
      shade();
    }
    // what is seen, in metres: left, bottom, right, top
    drawn.on("postrender", function () { target.dataset.extent = view.calculateExtent(drawn.getSize()).join(","); });
    var legend = function () {
      var holder = document.getElementById("kaartlegenda"), list = make("ul", undefined, "legend");
      holder.textContent = "";
      was = isFar();
      var classes = city.scales[theme.value][kind()], used = {};
      city.outlines.forEach(function (_, k) { used[classOf(valueOf(k), classes.bounds)] = true; });
      var add = function (label, colour, hatched, under) { under.appendChild(swatch(label, colour, hatched)); };
      var info = city.themes.filter(function (t) { return t.key === theme.value; })[0];
      var title = make("p", holder.dataset.of + " ", "small"), what = make("span", say(info.name) + ", " + say(info.unit));
      title.appendChild(what);
      title.appendChild(document.createTextNode(" (" + { now: words.now, after: words.after, difference: words.difference }[moment()] + ")"));
      holder.appendChild(title);
      classes.labels.forEach(function (label, k) { if (used[k]) add(say(label), classes.colours[k], kind() === "difference" && k >= 4, list); });
      if (used[-1]) add(words.unknown, "#b3b3b3", false, list);
      holder.appendChild(list);
      if (plan && squares.checked) {
        var seen = {}, second = make("ul", undefined, "legend");
        plan.works.kind.forEach(function (k) { seen[k] = (seen[k] || 0) + 1; });
        Object.keys(seen).forEach(function (k) { add(say(city.kinds[k].name) + " (" + dutch(seen[k], 0) + ")", city.kinds[k].colour, false, second); });
        holder.appendChild(make("p", holder.dataset.works + (isFar() ? " " + words.zoom : ""), "small"));
        holder.appendChild(second);
      }
    };
    var again = function () { works.setVisible(squares.checked); areas.changed(); legend(); };
    view.on("change:resolution", function () { if (isFar() !== was) legend(); });
    theme.addEventListener("change", again);
    squares.addEventListener("change", again);
    document.querySelectorAll('input[name="moment"]').forEach(function (one) { one.addEventListener("change", again); });
    var siteName = function (site) { return (city.sites.names || {})[site] || words.place + " " + site; };
    var card = document.getElementById("kaartkaart");
    var tellPlace = function (k) {
      var place = city.neighbourhoods[k], info = city.themes.filter(function (t) { return t.key === theme.value; })[0];
      card.textContent = "";
      card.appendChild(make("h3", place.name));
      if (!place.shown) card.appendChild(make("p", words.few));
      else {
        var now = city.now[theme.value][k], after = plan ? plan.after[theme.value][k] : null, facts = make("dl", undefined, "facts");
        [[words.now, dutch(now, info.decimals)], [words.after, dutch(after, info.decimals)], [words.difference, after === null ? words.unknown : signed(after - now, info.decimals + 1)]].forEach(function (pair) {
          facts.appendChild(make("dt", pair[0])); facts.appendChild(make("dd", pair[1] + " " + say(info.unit)));
        });
        card.appendChild(make("p", say(info.name), "small"));
        card.appendChild(facts);
      }
      var to = make("p");
      to.appendChild(anchor(words.more, page.buurt.replace("X0X", page.live ? encodeURIComponent(place.code) : String(k))));
      card.appendChild(to);
    };
    var tellWork = function (k) {
      var w = plan.works, what = city.kinds[w.kind[k]], where = w.place[k] >= 0 ? city.neighbourhoods[w.place[k]].name : words.elsewhere;
      card.textContent = "";
      card.appendChild(make("h3", words.why + " " + say(what.name) + ", " + where + " (" + siteName(w.site[k]) + ")"));
      var facts = make("dl", undefined, "facts");
      [[words.built, dutch(w.amount[k], 0) + " " + say(Math.round(w.amount[k]) === 1 ? what.one : what.unit)], [words.costs, "€ " + dutch(w.capital[k], 0)], [words.chosen, w.chosen[k] === null ? words.unknown : (w.chosen[k] > 0 && w.chosen[k] < 0.005 ? words.under + " 1" : dutch(100 * w.chosen[k], 0)) + " % " + words.ofplans]].forEach(function (pair) {
        facts.appendChild(make("dt", pair[0])); facts.appendChild(make("dd", pair[1]));
      });
      card.appendChild(facts);
      card.appendChild(make("p", words.gain));
      var list = make("ul");
      city.goals.forEach(function (goal, j) {
        var gain = w.gain[j][k];
        list.appendChild(make("li", say(goal.name) + ": " + fine(gain === null ? null : gain * goal.factor) + " " + say(goal.unit)));
      });
      card.appendChild(list);
      var said;
      if (w.rival_site[k] < 0) said = words.norival;
      else {
        said = words.rival + ": " + (w.rival[k] >= 0 ? city.neighbourhoods[w.rival[k]].name : words.elsewhere) + ". ";
        if (w.is_alone[k] || w.lead[k] >= 1) said += words.best + ": " + say(city.goals[w.best[k]].name) + ". ";
        if (w.is_alone[k]) said += words.onlyhere;
        else if (w.lead[k] !== null && w.lead[k] >= 1) said += words.gives + " " + three(w.lead[k]) + " " + words.times + ". " + words.drop;
        else said += words.less;
      }
      card.appendChild(make("p", said));
      var to = make("p");
      to.appendChild(anchor(words.all, page.links[id].waarom));
      card.appendChild(to);
      if (page.live && w.place[k] >= 0) {
        var other = make("p"), address = page.links[id].change;
        other.appendChild(anchor(words.change, address + (address.indexOf("?") < 0 ? "?" : "&") + "buurt=" + encodeURIComponent(city.neighbourhoods[w.place[k]].code) + "&maatregel=" + encodeURIComponent(what.key)));
        card.appendChild(other);
      }
    };
    // lists that ask what a click asks: by keyboard, and by name
    var places = document.getElementById("kaartbuurt"), spots = document.getElementById("kaartplek");
    var option = function (text, value, holder) {
      var made = make("option", text);
      made.value = value;
      holder.appendChild(made);
    };
    city.neighbourhoods.map(function (place, k) { return [place.name, k]; })
      .sort(function (a, b) { return a[0].localeCompare(b[0], "nl"); })
      .forEach(function (pair) { option(pair[0], pair[1], places); });
    var listSpots = function () {
      while (spots.options.length > 1) spots.remove(1);
      if (!plan) return;
      var w = plan.works, listed = w.site.map(function (_, k) { return k; }).filter(function (k) { return selected < 0 || w.place[k] === selected; });
      var left = listed.length - MOST_LISTED;
      listed.slice(0, MOST_LISTED).forEach(function (k) {
        var where = selected < 0 ? (w.place[k] < 0 ? words.edge : city.neighbourhoods[w.place[k]].name) + ": " : "";
        option(where + say(city.kinds[w.kind[k]].name) + ", € " + dutch(w.capital[k], 0) + " (" + siteName(w.site[k]) + ")", k, spots);
      });
      if (left > 0) {
        var more = make("option", dutch(left, 0) + " " + words.further);
        more.disabled = true;
        spots.appendChild(more);
      }
      spots.value = asking < 0 ? "" : String(asking);
    };
    var show = function (extent) {
      var size = Math.max(extent[2] - extent[0], extent[3] - extent[1], 10 * city.site_m);
      view.setCenter([(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2]);
      if (view.getResolution() > size / 200) view.setResolution(size / 200);
    };
    var showWork = function () { built.forEachFeature(function (feature) { if (feature.get("work") === asking) show(feature.getGeometry().getExtent()); }); };
    var askPlace = function (k) { selected = k; asking = -1; places.value = k < 0 ? "" : String(k); areas.changed(); works.changed(); listSpots(); if (k >= 0) tellPlace(k); };
    var askWork = function (k) { asking = k; works.changed(); spots.value = String(k); if (spots.value !== String(k)) { selected = plan.works.place[k]; places.value = selected < 0 ? "" : String(selected); areas.changed(); listSpots(); } tellWork(k); };
    places.addEventListener("change", function () { askPlace(places.value === "" ? -1 : Number(places.value)); if (selected >= 0) show(shapes[selected].getGeometry().getExtent()); });
    spots.addEventListener("change", function () {
      if (spots.value === "") { asking = -1; works.changed(); return; }
      askWork(Number(spots.value));
      showWork();
    });
    var askAt = function (pixel) {
      var found = null;
      drawn.forEachFeatureAtPixel(pixel, function (feature) { if (!found) found = feature; return true; });
      if (!found) return;
      if (found.get("work") !== undefined) askWork(found.get("work")); else askPlace(found.get("place"));
    };
    drawn.on("singleclick", function (event) { askAt(event.pixel); });
    var cross = make("div", undefined, "cross");
    target.appendChild(cross);
    target.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || event.target !== target) return;
      var size = drawn.getSize();
      askAt([size[0] / 2, size[1] / 2]);
    });
    // a page may be asked for one place, so that a table can lead to the map
    var first = new URLSearchParams(location.search);
    var place = function (ready) {
      plan = ready;
      built.clear();
      var w = plan.works, side = city.site_m, squaresOf = [];
      for (var k = w.site.length - 1; k >= 0; k -= 1) {
        var x = w.x[k] + side * 0.2, y = w.y[k] + side * 0.2, to = side * 0.6, own = city.sites.shapes[w.site[k]];
        var feature = new ol.Feature(own ? new ol.geom.MultiPolygon(corners(own)) : new ol.geom.Polygon([[[x, y], [x + to, y], [x + to, y + to], [x, y + to], [x, y]]]));
        feature.set("work", k); feature.set("kind", w.kind[k]); feature.set("own", Boolean(own));
        squaresOf.push(feature);
      }
      built.addFeatures(squaresOf);
      // so many squares of a few pixels would mix with the colours below into none of the legend
      far = w.site.length > MANY_SQUARES && !Object.keys(city.sites.shapes).length ? city.site_m / 5 : Infinity;
      works.setMaxResolution(far);
      asking = -1;
      listSpots();
      again();
      if (page.page === "voorstel" && first.get("plek")) {
        w.site.forEach(function (site, k) { if (String(site) === first.get("plek") && (asking < 0 || city.kinds[w.kind[k]].key === first.get("maatregel"))) asking = k; });
        first.delete("plek");
        if (asking >= 0) { askWork(asking); showWork(); box.scrollIntoView(); }
      }
      document.documentElement.dataset.map = id;
    };
    return {
      plan: function (wanted) {
        id = wanted;
        window.EVENGROUND_PLANS = window.EVENGROUND_PLANS || {};
        if (window.EVENGROUND_PLANS[wanted]) { place(window.EVENGROUND_PLANS[wanted]); return; }
        load(page.links[wanted].data, function () { if (id === wanted) place(window.EVENGROUND_PLANS[wanted]); });
      }
    };
  }
})();
