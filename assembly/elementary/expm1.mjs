export { default } from '@stdlib/math-base-special-expm1';
