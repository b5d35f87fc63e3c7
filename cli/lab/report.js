(function () {
'use strict';
var root = document.documentElement;
var errors = 0;
root.dataset.errors = '0';
window.addEventListener('error', function (e) {
    root.dataset.errors = String(++errors);
    root.dataset.error = e.message;
});
function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
}
function one(selector, within) {
    return (within || document).querySelector(selector);
}
root.classList.add('js');

/* Theme: as the system says until the button is pressed; some browsers forbid storage on disk files. */
var dark = window.matchMedia('(prefers-color-scheme: dark)');
var themeButton = one('#theme');
function stored() {
    try { return localStorage.getItem('tessera-theme'); } catch (e) { return null; }
}
function showTheme(t) {
    root.dataset.theme = t;
    themeButton.textContent = t === 'dark' ? 'Light' : 'Dark';
    themeButton.setAttribute('aria-label', 'switch to the ' + (t === 'dark' ? 'light' : 'dark') + ' theme');
}
function systemTheme() {
    return dark.matches ? 'dark' : 'light';
}
themeButton.addEventListener('click', function () {
    var t = root.dataset.theme === 'dark' ? 'light' : 'dark';
    showTheme(t);
    try { localStorage.setItem('tessera-theme', t); } catch (e) { /* not kept */ }
});
dark.addEventListener('change', function () { if (!stored()) showTheme(systemTheme()); });
showTheme(stored() || systemTheme());

/* The filter writes one rule for each codec that is off. */
var rules = document.createElement('style');
document.head.appendChild(rules);
var boxes = all('#filter input');
/* Labels at the ends of curves, as svg_plot.c places them, without those that are hidden. */
function placeLabels(svg) {
    var labels = all('g.end', svg).filter(function (g) { return getComputedStyle(g).display !== 'none'; });
    var step = 14, last = -Infinity;
    labels.sort(function (a, b) { return a.dataset.y - b.dataset.y; });
    var at = labels.map(function (g) {
        last = Math.max(Number(g.dataset.y), Number(g.dataset.top) - 2, last + step);
        return last;
    });
    var limit = labels.length ? Number(labels[0].dataset.bottom) + 4 : 0;
    for (var i = labels.length - 1; i >= 0; i--) {
        at[i] = Math.min(at[i], limit);
        limit = at[i] - step;
        var text = one('text', labels[i]), edge = Number(text.getAttribute('x')) - 15;
        text.setAttribute('y', at[i] + 4);
        one('path', labels[i]).setAttribute('d', 'M' + (Number(labels[i].dataset.x) + 4) + ' ' + labels[i].dataset.y +
            'L' + (edge + 6) + ' ' + at[i] + 'H' + (edge + 12));
    }
}
function applyFilter() {
    var off = boxes.filter(function (b) { return !b.checked; });
    rules.textContent = off.map(function (b) { return '.k' + b.value + '{display:none!important}'; }).join('');
    all('svg.plot').forEach(placeLabels);
}
boxes.forEach(function (b) { b.addEventListener('change', applyFilter); });
all('#filter button').forEach(function (b) {
    b.addEventListener('click', function () {
        boxes.forEach(function (box, i) {
            box.checked = b.value === 'all' || (b.value === 'few' && (i < Number(b.dataset.n) || 'anchor' in box.dataset));
        });
        applyFilter();
    });
});

/* Tabs: of the panels of a group one is shown. */
all('.tabs').forEach(function (tabs) {
    var buttons = all('button', tabs);
    function show(which) {
        buttons.forEach(function (b) {
            b.setAttribute('aria-pressed', String(b === which));
            one('#' + b.value).hidden = b !== which;
        });
    }
    buttons.forEach(function (b) { b.addEventListener('click', function () { show(b); }); });
    show(one('[data-first]', tabs) || buttons[0]);
});

/* The value nearest to the pointer, in any plot. */
var tip = one('#tip');
var near = null;
function hideTip() {
    tip.style.opacity = 0;
    if (near) near.classList.remove('near');
    near = null;
}
function centre(m) {
    return {
        x: Number(m.dataset.x || m.getAttribute('cx')),
        y: Number(m.dataset.y || m.getAttribute('cy'))
    };
}
function nearest(svg, e) {
    var box = svg.getBoundingClientRect();
    var scale = svg.viewBox.baseVal.width / box.width;
    var px = (e.clientX - box.left) * scale, py = (e.clientY - box.top) * scale;
    var best = null, least = 26 * Math.max(scale, 1);
    all('[data-t]', svg).forEach(function (m) {
        var c = centre(m), d = Math.hypot(c.x - px, c.y - py);
        if (d < least && m.getClientRects().length) { least = d; best = m; }
    });
    return best;
}
function showTip(m, e) {
    if (near !== m) {
        hideTip();
        near = m;
        m.classList.add('near');
        tip.textContent = m.dataset.t;
    }
    tip.style.opacity = 1;
    var w = tip.offsetWidth, h = tip.offsetHeight;
    var x = e.clientX + 14, y = e.clientY - h - 10;
    if (x + w > window.innerWidth - 6) x = e.clientX - w - 14;
    tip.style.left = Math.max(4, x) + 'px';
    tip.style.top = (y < 4 ? e.clientY + 16 : y) + 'px';
}
all('svg.plot').forEach(function (svg) {
    if (!one('[data-t]', svg)) return;
    function move(e) {
        var m = nearest(svg, e);
        if (m) showTip(m, e); else hideTip();
    }
    svg.addEventListener('pointermove', move);
    svg.addEventListener('pointerdown', move);
    svg.addEventListener('pointerleave', hideTip);
});

/* Details: picture A to the left of the bar, B to the right, or their difference. */
all('.crop').forEach(function (crop) {
    var images = all('.strip img', crop);
    var viewer = one('.viewer', crop), a = one('.a', viewer), b = one('.b', viewer);
    var bar = one('.bar', viewer), range = one('input[type=range]', crop);
    var choose = [one('.choose-a', crop), one('.choose-b', crop)];
    var diff = one('.diff-box', crop), facts = one('dl', crop);
    function put(term, text) {
        var dt = document.createElement('dt'), dd = document.createElement('dd');
        dt.textContent = term;
        dd.textContent = text;
        facts.appendChild(dt);
        facts.appendChild(dd);
    }
    function split() {
        var at = Number(range.value);
        b.style.clipPath = 'inset(0 0 0 ' + at + '%)';
        bar.style.left = at + '%';
        viewer.classList.toggle('diff', diff.checked);
    }
    function select() {
        var ia = images[choose[0].selectedIndex], ib = images[choose[1].selectedIndex];
        a.src = ia.src;
        b.src = ib.src;
        a.alt = ia.alt;
        b.alt = ib.alt;
        one('.ta', viewer).textContent = ia.dataset.name;
        one('.tb', viewer).textContent = ib.dataset.name;
        facts.textContent = '';
        put('A', ia.dataset.facts);
        put('B', ib.dataset.facts);
        split();
    }
    function drag(e) {
        var box = viewer.getBoundingClientRect();
        range.value = String(100 * Math.min(1, Math.max(0, (e.clientX - box.left) / box.width)));
        split();
    }
    viewer.addEventListener('pointerdown', function (e) {
        viewer.setPointerCapture(e.pointerId);
        drag(e);
        e.preventDefault();
    });
    viewer.addEventListener('pointermove', function (e) {
        if (e.buttons || e.pointerType === 'mouse') drag(e);
    });
    range.addEventListener('input', split);
    diff.addEventListener('change', split);
    choose.forEach(function (c) { c.addEventListener('change', select); });
    images.forEach(function (im, i) {
        im.addEventListener('click', function (e) {
            choose[e.shiftKey ? 0 : 1].selectedIndex = i;
            select();
        });
    });
    choose[0].selectedIndex = 0;
    choose[1].selectedIndex = Math.min(1, images.length - 1);
    select();
});
root.dataset.ready = '1';
})();
