/**
 * For `node --experimental-transform-types --import`: lets a child process of a test import the source as it is, whose
 * specifiers name the files of the build.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isOwn = specifier.startsWith('.') && context.parentURL?.endsWith('.ts') === true;
    return nextResolve(isOwn ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
