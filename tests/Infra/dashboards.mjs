// Draws the panels of infra/grafana.json and infra/workbook.json from made-up numbers, to look at titles, order, sizes and legends
// without Grafana and without Azure: node tests/Infra/dashboards.mjs > dashboards.html, then a browser. What a query finds is
// DashboardTests' business, not this picture's.
import { readFileSync } from 'node:fs';

const read = name => JSON.parse(readFileSync(new URL(`../../infra/${name}.json`, import.meta.url), 'utf8'));
const values = {
  chain: ['BTC', 'ETH', 'TRON', 'XRP'], reason: ['policy', 'input', 'approver'], outcome: ['accepted', 'ambiguous', 'rejected'],
  step: ['poll', 'approve', 'fill', 'sign', 'journal', 'broadcast'], app: ['kmsprod-main-appi'], refused: ['ETH policy', 'BTC input'],
};
const colours = ['#3274d9', '#56a64b', '#ff780a', '#a352cc', '#e02f44', '#f2cc0c'];
const steps = 48;
const text = what => String(what).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

let seed = 7;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647; // the same picture each time
const sample = (rare, unit) => Array.from({ length: steps }, (_, at) => (rare && random() < 0.9 ? 0 : (unit === 's' ? 0.2 : 12) * (1 + Math.sin(at / 8)) * random()));

function chart(labels, bars, rare, unit) {
  const series = labels.map(() => sample(rare, unit));
  const sums = series[0].map((_, at) => (bars ? series.reduce((sum, one) => sum + one[at], 0) : Math.max(...series.map(one => one[at]))));
  const top = Math.max(...sums, 0.01);
  const y = value => 96 - (value / top) * 90;
  const below = Array(steps).fill(0);
  const shapes = series.map((one, which) => {
    if (!bars) return `<polyline fill="none" stroke="${colours[which % 6]}" points="${one.map((value, at) => `${at * 4 + 2},${y(value)}`).join(' ')}"/>`;
    return one.map((value, at) => {
      const from = below[at];
      below[at] += value;
      return `<rect x="${at * 4}" width="3" y="${y(below[at])}" height="${y(from) - y(below[at])}" fill="${colours[which % 6]}"/>`;
    }).join('');
  }).join('');
  const legend = labels.map((label, which) => `<i style="color:${colours[which % 6]}">■</i> ${text(label)}`).join(' &nbsp; ');
  const unitText = unit === 's' ? ' s' : '';
  return `<small>${top.toFixed(top < 10 ? 2 : 0)}${unitText}</small><svg viewBox="0 0 192 97" preserveAspectRatio="none"><path d="M0 96H192" stroke="#666"/>${shapes}</svg><small>${legend}</small>`;
}

const stat = (value, colour) => `<div class="stat" style="background:${colour}">${text(value)}</div>`;
const recipients = '<table><tr><th>chain<th>asset<th>recipient<th>payments<th>amount</tr>' + [['BTC', 'BTC', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 41, 3.2], ['ETH', 'USDT', '0xdac17f958d2ee523a2206206994597c13d831ec7', 17, 25000], ['TRON', 'TRX', 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 3, 900]]
  .map(row => `<tr>${row.map(cell => `<td>${cell}`).join('')}</tr>`).join('') + '</table>';
const box = (title, inside, style) => `<section style="${style}"><b>${text(title)}</b>${inside}</section>`;
const rare = title => /refused|rejected|disagree|fail|waiting/i.test(title);

function grafana(panel) {
  const at = panel.gridPos;
  const style = `grid-column:${at.x + 1}/span ${at.w};grid-row:${at.y + 1}/span ${at.h}`;
  if (panel.type === 'table') return box(panel.title, recipients, style);
  const { unit, mappings } = panel.fieldConfig.defaults;
  if (panel.targets.length > 1 && panel.type === 'stat') return box(panel.title, panel.targets.map(target => stat(`${target.legendFormat} 0`, '#37872d')).join(''), style);
  if (panel.type === 'stat') return box(panel.title, stat(mappings?.[0].options['0'].text ?? (unit === 's' ? '14 s' : '0'), '#37872d'), style);
  const labels = panel.targets.flatMap(target => {
    const by = [...target.legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(match => match[1]);
    return by.reduce((known, label) => known.flatMap(one => values[label].slice(0, by.length > 1 ? 2 : 9).map(value => one.replace(`{{${label}}}`, value))), [target.legendFormat]);
  });
  return box(panel.title, chart(labels, panel.fieldConfig.defaults.custom?.drawStyle === 'bars', rare(panel.title), unit), style);
}

function workbook(item) {
  const style = `flex:0 0 calc(${item.customWidth ?? 100}% - 6px);height:${item.customWidth === '25' ? 130 : 250}px`;
  if (item.type === 9) return box('', item.content.parameters.map(one => `<span class="pill">${text(one.label)}: ${one.name === 'Report' ? '…' : 'all'}</span>`).join(' '), 'flex:0 0 100%;height:auto');
  const { title, visualization, query } = item.content;
  if (visualization === 'table') return box(title, recipients, style);
  if (visualization === 'tiles') return box(title, stat('14', '#2b6cb0'), style);
  const label = [...query.matchAll(/, (\w+) = \w+\(/g)].at(-1)[1];
  const zero = /Frozen|out for|word alone/.test(title);
  return box(title, chart(values[label], visualization === 'barchart', zero || rare(title), title.startsWith('Seconds') ? 's' : ''), style);
}

process.stdout.write(`<!doctype html><meta charset="utf-8"><title>KmsCloud</title><style>
body{background:#111217;color:#ccccdc;font:12px sans-serif;margin:12px;width:1400px}h1{font-size:16px}
.grid{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:26px;gap:6px}.flex{display:flex;flex-wrap:wrap;gap:6px}
section{background:#1b1d24;border:1px solid #2c2f38;padding:6px;display:flex;flex-direction:column;overflow:hidden;box-sizing:border-box}
svg{flex:1;width:100%;min-height:0}.stat{flex:1;display:flex;align-items:center;justify-content:center;font-size:24px;color:#fff}
.pill{border:1px solid #555;border-radius:9px;padding:2px 8px}table{width:100%;text-align:left;border-collapse:collapse}td,th{padding:3px;border-bottom:1px solid #2c2f38}
</style><h1>infra/grafana.json, made-up numbers</h1><div class="grid">${read('grafana').panels.map(grafana).join('')}</div>
<h1>infra/workbook.json, made-up numbers</h1><div class="flex">${read('workbook').items.map(workbook).join('')}</div>`);
