// The public names, by layer. Everything else is free to change.
export { InvalidArgumentError } from './errors';
