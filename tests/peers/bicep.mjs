// Reads Bicep files with tree-sitter: syntax errors, and the declarations as plain data for structural checks.
import { readFileSync } from 'node:fs';
import Parser from 'tree-sitter';
import Bicep from 'tree-sitter-bicep';
import { serve } from './peer.mjs';

const parser = new Parser();
parser.setLanguage(Bicep);

const problems = (node, found = []) => {
  if (node.type === 'ERROR' || node.isMissing) found.push(`${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`);
  for (const child of node.children) problems(child, found);
  return found;
};
const unquote = text => text.replace(/^'|'$/g, '').replace(/\\'/g, "'");

// objects and arrays become JSON; booleans and numbers themselves; everything else its source text
const value = node => {
  if (!node) return null;
  if (node.type === 'parenthesized_expression') return value(node.namedChildren[0]);
  if (node.type === 'object') {
    const result = {};
    for (const property of node.namedChildren.filter(child => child.type === 'object_property')) {
      const [key, content] = property.namedChildren;
      result[unquote(key.text)] = value(content);
    }
    return result;
  }
  if (node.type === 'array') return node.namedChildren.map(value);
  if (node.text === 'true' || node.text === 'false') return node.text === 'true';
  if (/^\d+$/.test(node.text)) return Number(node.text);
  return /^'[^]*'$/.test(node.text) ? unquote(node.text) : '=' + node.text;
};
// identifiers that must mean something: neither the key of a property, nor a member after a dot, nor the name being declared
const uses = (node, found = []) => {
  const children = node.namedChildren;
  if (node.type === 'identifier') found.push(node.text);
  else if (node.type === 'object_property' && children[0].type === 'identifier') children.slice(1).forEach(child => uses(child, found));
  else children.forEach(child => uses(child, found));
  return found;
};
const loops = (node, found = []) => {
  if (node.type === 'for_statement') for (const name of /^\[?\s*for\s*\(?([\w\s,]+?)\)?\s+in\s/.exec(node.text)?.[1].split(',') ?? []) found.push(name.trim());
  node.namedChildren.forEach(child => loops(child, found));
  return found;
};
const find = (node, type) => node.type === type ? node : node.namedChildren.map(child => find(child, type)).find(Boolean);

serve({
  parses({ text }) { return problems(parser.parse(text).rootNode); },
  read({ path }) {
    const root = parser.parse(readFileSync(path, 'utf8'), undefined, { bufferSize: 1024 * 1024 }).rootNode;
    const result = { problems: problems(root), resources: [], modules: [], params: [], outputs: [], variables: [], identifiers: [], uses: [], loops: loops(root), members: [...root.text.matchAll(/(\w+)\.outputs\.(\w+)/g)].map(match => [match[1], match[2]]) };
    const walk = node => {
      if (node.type === 'identifier' || node.type === 'property_identifier') result.identifiers.push(node.text);
      node.namedChildren.forEach(walk);
    };
    walk(root);
    let notes = '';
    for (const node of root.namedChildren) {
      const text = node.text;
      if (node.type === 'decorators') { notes = text; continue; }
      const name = node.namedChildren.find(child => child.type === 'identifier')?.text;
      const quoted = /'([^']+)'/.exec(text)?.[1];
      const own = node.namedChildren.find(child => child.type === 'identifier');
      node.namedChildren.filter(child => child !== own && child.id !== own?.id && child.type !== 'type' && child.type !== 'primitive_type').forEach(child => uses(child, result.uses));
      if (node.type === 'resource_declaration') result.resources.push({ name, type: quoted, existing: /^resource\s+\w+\s+'[^']+'\s+existing/.test(text), body: value(find(node, 'object')) });
      if (node.type === 'module_declaration') result.modules.push({ name, file: quoted, body: value(find(node, 'object')) });
      if (node.type === 'parameter_declaration') result.params.push({ name, notes, hasDefault: text.includes('=') });
      if (node.type === 'output_declaration') result.outputs.push({ name, notes, text });
      if (node.type === 'variable_declaration') result.variables.push({ name });
      notes = '';
    }
    return result;
  },
});
