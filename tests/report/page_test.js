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
check('overflow', root.scrollWidth <= root.clientWidth);
root.dataset.test = seen.join(' ');
})();
