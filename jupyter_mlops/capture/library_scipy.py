"""SciPy's functions that may put their result into what they are given, by the place of the argument that says so.

The argument is ``overwrite_a`` and its kin, ``output`` of images, or ``out`` of a universal function; what these are
called is in ``library.RISKY_KEYWORDS``. LAPACK and BLAS, given an array in the right order, work in it as a rule.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["scipy_gives_into"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AT: dict[str, dict[int, frozenset[str]]] = {
    "linalg": {
        1: _words("cholesky_banded det inv lu_factor qr rq schur svdvals"),
        2: _words("cho_factor cho_solve cho_solve_banded cholesky eigvals eigvals_banded hessenberg lu qz solveh_banded"),
        3: _words("eig_banded ldl lstsq lu_solve ordqz solve solve_banded svd"),
        4: _words("eig matrix_balance qr_update"),
        5: _words("qr_delete qr_multiply solve_triangular"),
        6: _words("qr_insert"),
    },
    "fft": {
        4: _words(
            "fft fft2 fftn hfft hfft2 hfftn ifft ifft2 ifftn ihfft ihfft2 ihfftn irfft irfft2 irfftn rfft rfft2 "
            "rfftn"
        ),
        5: _words("dct dctn dst dstn idct idctn idst idstn"),
    },
    "fftpack": {
        3: _words("fft fft2 fftn ifft ifft2 ifftn irfft rfft"),
        5: _words("dct dctn dst dstn idct idctn idst idstn"),
    },
    "signal": {
        4: _words("detrend"),
    },
    "ndimage": {
        1: _words("laplace"),
        2: _words(
            "binary_fill_holes convolve correlate gaussian_gradient_magnitude gaussian_laplace "
            "generic_gradient_magnitude generic_laplace label map_coordinates prewitt shift sobel spline_filter "
            "uniform_filter zoom"
        ),
        3: _words(
            "binary_closing binary_hit_or_miss binary_opening binary_propagation convolve1d correlate1d "
            "gaussian_filter geometric_transform maximum_filter maximum_filter1d median_filter minimum_filter "
            "minimum_filter1d spline_filter1d uniform_filter1d watershed_ift"
        ),
        4: _words(
            "affine_transform binary_dilation binary_erosion black_tophat fourier_ellipsoid fourier_gaussian "
            "fourier_shift fourier_uniform gaussian_filter1d generic_filter generic_filter1d grey_closing "
            "grey_dilation grey_erosion grey_opening morphological_gradient morphological_laplace "
            "percentile_filter rank_filter rotate white_tophat distance_transform_edt distance_transform_cdt"
        ),
        5: _words("distance_transform_bf"),
    },
    "special": {
        1: _words(
            "airy airye bei beip ber berp cbrt cosdg cosm1 cotdg dawsn digamma ellipe ellipk ellipkm1 entr erf "
            "erfc erfcinv erfcx erfi erfinv exp1 exp10 exp2 expi expit expm1 exprel fresnel gamma gammaln "
            "gammasgn i0 i0e i1 i1e it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 j0 j1 "
            "k0 k0e k1 k1e kei keip kelvin ker kerp kolmogi kolmogorov log1p log_expit log_ndtr loggamma logit "
            "modfresnelm modfresnelp ndtr ndtri ndtri_exp psi rgamma round shichi sici sindg spence tandg wofz "
            "wrightomega y0 y1 zetac"
        ),
        2: _words(
            "agm beta betaln binom boxcox boxcox1p chdtr chdtrc chdtri chdtriv ellipeinc ellipj ellipkinc elliprc "
            "eval_chebyc eval_chebys eval_chebyt eval_chebyu eval_hermite eval_hermitenorm eval_laguerre "
            "eval_legendre eval_sh_chebyt eval_sh_chebyu eval_sh_legendre expn gammainc gammaincc gammainccinv "
            "gammaincinv hankel1 hankel1e hankel2 hankel2e huber hyp0f1 inv_boxcox inv_boxcox1p iv ive jn jv jve "
            "kl_div kn kv kve mathieu_a mathieu_b modstruve owens_t pbdv pbvv pbwa pdtr pdtrc pdtri pdtrik poch "
            "powm1 pseudo_huber rel_entr smirnov smirnovi stdtr stdtridf stdtrit struve tklmbda xlog1py xlogy yn "
            "yv yve zeta"
        ),
        3: _words(
            "bdtr bdtrc bdtri bdtrik bdtrin besselpoly betainc betaincc betainccinv betaincinv btdtria btdtrib "
            "chndtr chndtridf chndtrinc chndtrix elliprd elliprf elliprg eval_gegenbauer eval_genlaguerre fdtr "
            "fdtrc fdtri fdtridfd gdtr gdtrc gdtria gdtrib gdtrix hyp1f1 hyperu log_wright_bessel lpmv "
            "mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem nbdtr nbdtrc "
            "nbdtri nbdtrik nbdtrin nctdtr nctdtridf nctdtrinc nctdtrit nrdtrimn nrdtrisd obl_cv pro_cv radian "
            "voigt_profile wright_bessel"
        ),
        4: _words(
            "elliprj eval_jacobi eval_sh_jacobi hyp2f1 ncfdtr ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc obl_ang1 "
            "obl_rad1 obl_rad2 pro_ang1 pro_rad1 pro_rad2"
        ),
        5: _words("obl_ang1_cv obl_rad1_cv obl_rad2_cv pro_ang1_cv pro_rad1_cv pro_rad2_cv"),
    },
}  # fmt: skip


_TOLD = frozenset({"distances", "indices"})  # of the transforms of distances
_BARE = ("linalg.blas", "linalg.lapack")


def scipy_gives_into(path: str, count: int, keywords: Iterable[str] = ()) -> bool:
    """Say whether SciPy's function at *path*, given *count* arguments and *keywords*, was told to work in one of them."""
    _, _, rest = path.partition(".")
    module, _, name = rest.rpartition(".")
    if module in _BARE or (name.startswith("distance_transform_") and _TOLD.intersection(keywords)):
        return True
    return any(count > place and name in names for place, names in _AT.get(module, {}).items())
