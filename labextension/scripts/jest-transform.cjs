// The compiler checks types in `npm run types`; a test only needs the types gone, and esbuild is here anyway.
const esbuild = require('esbuild');

module.exports = {
  process(source, path) {
    const { code } = esbuild.transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      target: 'es2022',
      sourcefile: path,
      sourcemap: 'inline'
    });
    return { code };
  }
};
