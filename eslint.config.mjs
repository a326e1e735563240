import js from '@eslint/js';
import jupyterPlugin from '@jupyter/eslint-plugin';
import prettier from 'eslint-plugin-prettier/recommended';
import tseslint from 'typescript-eslint';

const [jupyterRules, jupyterSchemaRules] = jupyterPlugin.configs.recommended;
const typescript = ['src/**/*.ts', 'src/**/*.tsx'];

export default tseslint.config(
  {
    ignores: [
      'node_modules/**',
      '.venv/**',
      '.build/**',
      '.yarn/**',
      'lib/**',
      'coverage/**',
      'keys_jupyter/**',
      'src/contract.ts',
      'test-results/**',
      'playwright-report/**'
    ]
  },
  {
    files: typescript,
    extends: [js.configs.recommended, ...tseslint.configs.recommended],
    plugins: { jupyter: jupyterPlugin },
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json' }
    },
    rules: {
      ...jupyterRules.rules,
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'after-used' }],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/quotes': 'off',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
      'no-console': 'error',
      'prefer-arrow-callback': 'error'
    }
  },
  { plugins: { jupyter: jupyterPlugin }, ...jupyterSchemaRules },
  {
    files: ['src/__tests__/**'],
    rules: {
      'jupyter/no-untranslated-string': 'off',
      'max-lines-per-function': 'off'
    }
  },
  {
    files: ['ui-tests/**/*.ts', 'ui-tests/**/*.tsx'],
    extends: [js.configs.recommended, ...tseslint.configs.recommended]
  },
  {
    files: ['*.js', 'scripts/**/*.mjs', 'ui-tests/**/*.js'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        console: 'readonly',
        module: 'writable',
        process: 'readonly',
        require: 'readonly',
        __dirname: 'readonly'
      }
    }
  },
  prettier
);
