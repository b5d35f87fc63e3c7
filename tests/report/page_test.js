(function () {
'use strict';
var seen = [];
function one(s, w) { return (w || document).querySelector(s); }
function all(s, w) { return Array.prototype.slice.call((w || document).querySelectorAll(s)); }
function check(name, ok) { seen.push(ok ? name : name + '!'); }
function shown(e) { return e.getClientRects().length > 0; }
function pointer(type, target, x, y) {
    target.dispatchEvent(new PointerEvent(type, {clientX: x, clientY: y, bubbles: true, pointerType: 'mouse', pointerId: 1}));
}

var root = document.documentElement, before = getComputedStyle(document.body).backgroundColor;
one('#theme').click();
check('theme', getComputedStyle(document.body).backgroundColor !== before);
one('#theme').click();

var box = one('#filter input'), marks = all('main .k' + box.value);
box.click();
var hidden = marks.length > 3 && !marks.some(shown);
box.click();
check('filter', hidden && marks.some(shown));
var line = all('figure g.k' + box.value).filter(shown)[0];
one('#filter button[value=none]').click();
hidden = !shown(line);
one('#filter button[value=all]').click();
check('none-all', hidden && shown(line));

var tabs = all('.tabs button'), other = tabs.filter(function (b) { return b.getAttribute('aria-pressed') !== 'true'; })[0];
other.click();
check('tabs', shown(one('#' + other.value)) && tabs.filter(function (b) { return shown(one('#' + b.value)); }).length === 1);

var point = all('#' + other.value + ' [data-t]').filter(shown)[0], r = point.getBoundingClientRect();
pointer('pointermove', point.ownerSVGElement, r.left + r.width / 2 + 3, r.top + r.height / 2);
check('tip', one('#tip').textContent === point.dataset.t && point.dataset.t.indexOf('bpp') > 0 &&
    Number(one('#tip').style.opacity) === 1);

var crop = one('.crop'), viewer = one('.viewer', crop), range = one('input[type=range]', crop);
range.value = '25';
range.dispatchEvent(new Event('input'));
check('slider', one('.b', viewer).style.clipPath.indexOf('25%') > 0 && one('.bar', viewer).style.left === '25%');
var choose = one('.choose-b', crop), images = all('.strip img', crop);
choose.selectedIndex = images.length - 1;
choose.dispatchEvent(new Event('change'));
check('choice', images.length > 2 && one('.b', viewer).src === images[images.length - 1].src &&
    images.every(function (im) { return im.naturalWidth > 0; }));
var diff = one('.diff-box', crop);
diff.click();
check('difference', getComputedStyle(one('.b', viewer)).mixBlendMode === 'difference');
diff.click();

function number(e) { return Number(e.textContent.replace(/.* /, '')); }
function add(a, e) { return a + number(e); }
function wrong(stream) {
    var bytes = parseInt(one('p', stream).lastChild.textContent, 10), rows = all('tbody tr', stream);
    var bands = rows.reduce(function (a, row) { return a + number(row.cells[row.cells.length - 2]); }, 0);
    one('summary', stream).click();
    return !(bytes > 0 && bands === bytes && shown(one('.bands', stream)) &&
        all('dd', stream).every(function (d) { return all('.parts>span', d).reduce(add, 0) === bytes; }) &&
        all('dd', stream).length === 3 && all('.bytes i', stream).every(function (i) { return i.offsetWidth > 0; }));
}
check('anatomy', all('.stream').length > 3 && !all('.stream').some(wrong));
check('overflow', root.scrollWidth <= root.clientWidth);
root.dataset.test = seen.join(' ');
})();
