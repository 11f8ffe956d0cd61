export { default } from '@stdlib/math-base-special-log1p';
