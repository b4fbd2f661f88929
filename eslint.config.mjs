// ESLint: type-checked rules for all TypeScript, and the rules that keep the machine deterministic.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const wallClock = 'The machine is deterministic (design, "Time"): it knows virtual time only.';

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', '.vscode-server/', 'test/fixtures/', '**/*.cjs'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // async test bodies and handlers keep their signature when they happen not to wait
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // these rooms run in the worker, where the same scenario must give the same run to the byte
    files: ['src/{machine,device,guest,virtqueue,diagnosis}/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: wallClock },
        { name: 'performance', message: wallClock },
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: wallClock }],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'src/**/*child.ts', 'scripts/**', 'bench/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        URLSearchParams: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
);
