"""Methods of tables, arrays and texts by what they do; a method of a table in no list here may change the table."""

from __future__ import annotations

__all__ = [
    "DATA_CHANGING", "DATA_CONTAINERS", "DATA_MANY", "DATA_NEW", "DATA_NUMBERS", "DATA_OBJECTS", "DATA_ONE", "DATA_READING", "DATA_ROWS", "ESTIMATOR_CHANGING",
    "TEXT_PLAIN",
]  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They give lists and dictionaries of what the table holds.
DATA_CONTAINERS = _words(
    "tolist to_list to_dict to_dicts items iterrows itertuples iter_rows iter_columns iter_slices rows "
    "rows_by_key keys groups get_columns partition_by"
)
# What they give shares no memory with the table.
DATA_NEW = _words(
    "abs agg aggregate all any apply applymap argmax argmin argsort assign astype between cast clip concat "
    "copy corr count cov cumprod cumsum describe diff dot drop_duplicates drop_nulls dropna duplicated ewm "
    "expanding explode fill_null fillna filter groupby idxmax idxmin interpolate isin isna isnull item join "
    "map max mean median melt merge min nlargest notna notnull nsmallest nunique pct_change pivot pivot_table "
    "prod quantile query rank rename replace resample reset_index rolling round sample select set_axis shift "
    "size sort_index sort_values stack std str_concat sum to_csv to_html to_json to_parquet to_pickle "
    "to_records to_string transform unique unstack value_counts var with_columns with_row_index "
    "add split rsplit rpartition findall extractall lower upper strip lstrip rstrip title capitalize contains startswith "
    "endswith zfill removeprefix removesuffix "
)
# What they give may hold lists, sets and other objects that the table they are computed from does not.
DATA_OBJECTS = _words(
    "agg aggregate apply applymap case_when combine decode eval execute extractall findall implode json_decode map map_batches "
    "map_columns map_elements map_groups map_rows partition pipe pipe_with_dtype pipe_with_schema rpartition rsplit split to_struct "
    "transform transform_batches wrap"
)
# What they give are masks and places of many.
DATA_MANY = _words(
    "argsort argpartition between contains duplicated endswith isin isna isnull notna notnull startswith nonzero flatnonzero "
    "permutation isnan isfinite logical_and logical_or logical_not isclose"
)
# What they give are numbers and yes or no, whatever lies in the table.
DATA_NUMBERS = DATA_MANY | _words(
    "all any allclose argmax argmin array_equal bincount corr corrcoef corrwith count count_nonzero cov digitize histogram linspace "
    "arange logspace zeros ones eye identity nanmean nanstd norm nunique sem size skew kurt std var nanvar "
    "memory_usage sign signbit isinf is_unique searchsorted"
)
# Of a frame they give a frame.
DATA_ROWS = _words(
    "copy sort_values sort_index reset_index dropna drop_duplicates merge join query fillna rename sample astype replace explode "
    "nlargest nsmallest interpolate round clip shift diff isin filter"
)
# They give one of the objects that lie in the table, where there are any.
DATA_ONE = _words(
    "item max min sum median mode mean prod first last nth quantile max_by min_by sample choice object_"
)
# They change the table, the array or the model, whoever calls them.
DATA_CHANGING = _words(
    "insert pop update sort fill put itemset resize partition setflags byteswap setfield __setitem__ __delitem__ __iadd__ "
    "eval set_flags insert_column replace_column drop_in_place extend append setdiag sort_indices sum_duplicates "
    "eliminate_zeros prune isetitem set"
)
ESTIMATOR_CHANGING = _words(
    "fit partial_fit fit_transform fit_predict fit_resample set_params set_output load_model update append extend remove_data"
)
# They leave the table as it is, whatever they give: pandas, Polars, NumPy, SciPy's sparse matrices.
DATA_READING = (
    DATA_CONTAINERS
    | DATA_NEW
    | _words(
        "abs add_prefix add_suffix agg aggregate alias align all and_ any apply applymap approx_n_unique "
        "approx_quantile arccos arccosh arcsin arcsinh arctan arctanh arg_max arg_min arg_sort arg_true "
        "arg_unique argmax argmin argpartition argsort arr array as_unit asformat asfptype asfreq asm8 asof "
        "asof_locs assign astimezone astype at_time autocorr backward_fill between between_time bfill bin "
        "bin_intervals bin_quantiles bin_ranks bitwise_and bitwise_count_ones bitwise_count_zeros "
        "bitwise_leading_ones bitwise_leading_zeros bitwise_or bitwise_trailing_ones bitwise_trailing_zeros "
        "bitwise_xor bottom_k bottom_k_by boxplot capitalize case_when casefold cast cat cbrt ceil center choose "
        "chunk_lengths clip clone collect collect_async collect_schema columns combine combine_first compare "
        "compress conj conjugate contains convert_dtypes copy corr corrwith cos cosh cot count count_nonzero cov "
        "ctime cum_count cum_max cum_min cum_prod cum_sum cumcount cummax cummin cumprod cumsum cumulative_eval "
        "cut date day day_name day_of_week day_of_year dayofweek dayofyear days_in_month daysinmonth decode "
        "deg2rad degrees delete describe device diagonal diff difference div divide divmod dot drop "
        "drop_duplicates drop_nans drop_nulls droplevel dropna dst dt dtype dtypes duplicated empty encode "
        "endswith entropy eq eq_missing equals erf erfc estimated_size ewm ewm_mean ewm_mean_by ewm_std ewm_sum "
        "ewm_sum_by ewm_var exclude exclusions execute exp expanding explain explode expm1 ext extract extractall "
        "factorize ffill fill_nan fill_null fillna filter find findall first first_valid_index flat flatten floor "
        "floordiv fold format forward_fill freq from_arrow from_dict from_records fromisocalendar fromisoformat "
        "fromordinal fromtimestamp fullmatch gather gather_every ge get getH get_chunks get_column "
        "get_column_index get_columns get_dummies get_group get_indexer get_indexer_for get_indexer_non_unique "
        "get_level_values get_loc get_slice_bound getcol getfield getnnz getrow glimpse group_by group_by_dynamic "
        "groupby groups gt has_canonical_format has_duplicates has_nulls has_sorted_indices hash hash_rows "
        "hasnans head height hist hour identical idxmax idxmin imag implode index index_of indices infer_objects "
        "inferred_type info inspect interpolate interpolate_by intersection is_ is_between is_close is_duplicated "
        "is_empty is_finite is_first_distinct is_in is_infinite is_last_distinct is_leap_year "
        "is_monotonic_decreasing is_monotonic_increasing is_month_end is_month_start is_nan is_not_nan "
        "is_not_null is_null is_quarter_end is_quarter_start is_sorted is_unique is_year_end is_year_start "
        "isalnum isalpha isascii isdecimal isdigit isin islower isna isnull isnumeric isocalendar isoformat "
        "isoweekday isspace istitle isupper item items itemsize iter_columns iter_rows iter_slices iteritems "
        "iterrows itertuples join join_asof join_where keys kurt kurtosis last last_valid_index lazy le len level "
        "limit list ljust log log10 log1p lower lower_bound lstrip lt mT map map_batches map_columns map_elements "
        "map_rows mask match match_to_schema max max_by max_horizontal maximum mean mean_horizontal median melt "
        "memory_usage merge merge_sorted meta microsecond min min_by min_horizontal minimum minute mod mode month "
        "month_name mul multiply n_chunks n_unique name names nan_max nan_min nan_to_num nanmax nanmin nanosecond "
        "nbytes ndim ne ne_missing neg new_from_index newbyteorder ngroup ngroups nlargest nlevels nnz nonzero "
        "normalize not_ notna notnull nsmallest nth null_count nunique ohlc or_ over pad partition_by pct_change "
        "peak_max peak_min pipe pipe_with_dtype pipe_with_schema pivot pivot_table plot pow power prod product "
        "qcut quantile quarter query rad2deg radd radians rank ravel rdiv rdivmod real reindex reindex_like "
        "reinterpret removeprefix removesuffix rename rename_axis reorder_levels repeat repeat_by replace "
        "replace_strict resample reset_index reshape resolution rfind rfloordiv rindex rint rjust rle rle_id rmod "
        "rmul rolling rolling_max rolling_mean rolling_min rolling_std rolling_sum round round_sig_figs row rows "
        "rows_by_key rpartition rpow rsplit rstrip rsub rtruediv sample schema search_sorted searchsorted second "
        "select select_dtypes select_seq sem set_axis set_index set_names shape shift show show_graph "
        "shrink_dtype sign sin sinh sink_batches sink_delta sink_iceberg sink_ipc sink_ndjson sink_parquet size "
        "skew slice slice_indexer slice_locs slice_replace sort_by sort_index sort_values sorted_indices "
        "sortlevel split sqrt squeeze stack startswith std str strftime strides strip strptime sub subtract sum "
        "sum_horizontal swapaxes swapcase swaplevel symmetric_difference tail take tan tanh time timestamp "
        "timetuple timetz title to_arrow to_clipboard to_csv to_datetime64 to_device to_dict to_dicts to_dummies "
        "to_excel to_feather to_flat_index to_frame to_hdf to_html to_iceberg to_init_repr to_jax to_json "
        "to_julian_date to_latex to_list to_markdown to_numpy to_orc to_pandas to_parquet to_period to_physical "
        "to_pickle to_pydatetime to_records to_series to_sql to_stata to_string to_struct to_timestamp to_torch "
        "to_xarray to_xml toarray tobsr tobytes tocoo tocsc tocsr todense todia todok tofile tolil tolist "
        "toordinal top_k top_k_by tostring trace transform translate transpose truediv trunc truncate truncdiv tz "
        "tz_convert tz_localize tzinfo tzname union unique unique_counts unit unnest unpivot unstack upper "
        "upper_bound upsample utcfromtimestamp utcnow utcoffset utctimetuple value value_counts values var view "
        "week weekday weekofyear where width with_columns with_columns_seq with_row_index wrap write_avro "
        "write_clipboard write_csv write_database write_delta write_excel write_iceberg write_ipc "
        "write_ipc_stream write_json write_ndjson write_parquet xor xs year zfill zip_with "
    )
)
# Methods of text, numbers, times, paths and patterns that give something which cannot change.
TEXT_PLAIN = _words(
    "lower upper casefold strip lstrip rstrip replace format format_map join title capitalize swapcase "
    "startswith endswith encode decode find rfind index rindex count isdigit isalpha isalnum isnumeric "
    "isspace islower isupper istitle isidentifier isdecimal isascii isprintable zfill center ljust rjust "
    "expandtabs translate removeprefix removesuffix strftime isoformat date time timestamp total_seconds "
    "weekday isoweekday utcoffset tzname group start end span with_suffix with_name with_stem resolve "
    "absolute expanduser exists is_file is_dir read_text read_bytes write_text write_bytes as_posix as_uri "
    "relative_to joinpath mkdir unlink touch rmdir rename bit_length is_integer as_integer_ratio hex "
    "conjugate quantize match fullmatch search sub hexdigest digest stat samefile is_absolute timetuple "
    "astimezone toordinal ctime "
)
