import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which rooms a room may not import from; the floors of docs/architecture.md, read upward. */
const floors = ['wire', 'tokens', 'models', 'panels', 'plugins', 'index'];
const above = room => floors.slice(floors.indexOf(room) + 1);
const closed = (room, ...rooms) => ({
  files: [`src/${room}.ts`, `src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: rooms.map(name => ({
          regex: `^\\.{1,2}/(?:.*/)?${name}(?:/|$)`,
          message: `${room} may not know ${name}.`
        }))
      }
    ]
  }
});

export default tseslint.config(
  { ignores: ['node_modules', 'lib', 'src/wire.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })]
    },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-cycle': 'error',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'What a user wrote is text: use textContent.' },
        { property: 'outerHTML', message: 'What a user wrote is text: use textContent.' },
        { property: 'insertAdjacentHTML', message: 'What a user wrote is text: use textContent.' }
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'client.ts talks to the server.' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Lumino's `connect` takes the receiver beside the method.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off'
    }
  },
  closed('wire', ...above('wire'), 'client', 'views', 'widgets'),
  closed('tokens', ...above('tokens'), 'client', 'views', 'widgets'),
  closed('views', ...above('wire'), 'client', 'widgets'),
  closed('widgets', ...above('wire'), 'client'),
  closed('client', ...above('tokens'), 'views', 'widgets'),
  closed('models', ...above('models'), 'client', 'views', 'widgets'),
  closed('panels', ...above('panels'), 'client', 'widgets'),
  closed('plugins', 'index', 'widgets'),
  {
    files: ['scripts/**', '*.cjs'],
    languageOptions: {
      globals: {
        URL: 'readonly',
        console: 'readonly',
        process: 'readonly',
        require: 'readonly',
        module: 'writable'
      }
    }
  }
);
