export { default } from '@stdlib/math-base-special-ln';
