// Draws what a terminal shows as an SVG picture, for the README:
//   script -qc 'node dist/local/demo.js' /dev/null | node scripts/picture.mjs > docs/demo.svg
import { readFileSync } from 'node:fs';

const cellWidth = 8.4;
const lineHeight = 20;
const margin = 24;
const classes = { 1: 'b', 2: 'd', 31: 'r', 32: 'g' };
const ends = { 22: ['b', 'd'], 39: ['r', 'g'], 0: ['b', 'd', 'r', 'g'] };
const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const lines = readFileSync(0, 'utf8')
  .replaceAll('\r\n', '\n')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\r\u001b[2K').at(-1));
const columns = Math.max(...lines.map((line) => line.replaceAll(/\u001b\[\d*m/g, '').length));

function spans(line) {
  const on = new Set();
  return line
    .split(/(\u001b\[\d*m)/)
    .map((part) => {
      const code = /^\u001b\[(\d*)m$/.exec(part)?.[1];
      if (code === undefined) return part && `<tspan class="${[...on].join(' ')}">${escapeXml(part)}</tspan>`;
      if (classes[code]) on.add(classes[code]);
      for (const name of ends[code || 0] ?? []) on.delete(name);
      return '';
    })
    .join('');
}

const width = Math.ceil(columns * cellWidth + 2 * margin);
const height = lines.length * lineHeight + 2 * margin;
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; white-space: pre; }
.b { font-weight: bold; } .d { fill: #9198a1; } .r { fill: #ff7b72; } .g { fill: #56d364; }
</style>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
${lines
  .map((line, index) => [spans(line), index])
  .filter(([content]) => content !== '')
  .map(([content, index]) => `<text x="${margin}" y="${margin + 15 + index * lineHeight}" xml:space="preserve">${content}</text>`)
  .join('\n')}
</svg>`);
