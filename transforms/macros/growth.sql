{#-
    How tables grow with what was received, and what they hold to: a build takes in the batches that no build before it
    has finished with (int_batches_pending), recomputes the posts those batches speak of (int_posts_touched) and notes
    the batches as taken (int_batches_taken) when everything else is done. A build that stops half-way has noted nothing,
    so the next one takes the same batches again; every pick is a maximum over a total order, so taking a batch twice
    changes nothing.
-#}

{% macro grows() -%}
    {#-
        Whether this model adds to what it already holds. A first build, a full refresh, a build as of an earlier instant
        and one that finds no note of what was taken in start from nothing. True while dbt parses, so that it sees every
        `ref` behind the condition.
    -#}
    {%- if not execute -%}
        {{ return(true) }}
    {%- elif model.config.materialized != 'growing' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set held = earlier(this.identifier, this.schema) -%}
    {{ return(held is not none and held.is_table and earlier('int_batches_taken') is not none) }}
{%- endmacro %}


{% macro post_key() -%}
    {{ return(['workspace_id', 'platform', 'account_id', 'post_id']) }}
{%- endmacro %}


{% macro of_pending(row) -%}
    {#- Join: only rows that came in with a batch that is still to be taken in. Stands behind the table in `from`. -#}
    semi join {{ ref('int_batches_pending') }} as pending
        on {{ row }}.workspace_id = pending.workspace_id and {{ row }}.batch_id = pending.batch_id
{%- endmacro %}


{% macro loaded_last(row, table, counted) -%}
    {#-
        Filter: only the last rows of a raw table, where those are all that the pending batches say they hold (`counted` is
        their count in raw.batch); nothing where they are not, such as after a batch whose rows lie further up. DuckDB then
        skips the history in blocks, which by the batches' digests it cannot.
    -#}
    {%- if execute and not adapter.is_ducklake(this) -%}
        {%- set pending = ref('int_batches_pending') -%}
        {%- set last = run_query(
            'select (select count(*) from ' ~ table ~ ') - sum(' ~ counted ~ '), sum(' ~ counted ~ ') from ' ~ pending
        ).rows[0] -%}
        {%- if last[0] is not none and last[0] >= 0 -%}
            {%- set filter = 'where ' ~ row ~ '.rowid >= ' ~ last[0] | int -%}
            {%- set found = run_query(
                'select count(*) from ' ~ table ~ ' as ' ~ row ~ ' ' ~ of_pending(row) ~ ' ' ~ filter
            ).rows[0][0] -%}
            {{ filter if found == last[1] }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro of_touched(row, post='post_id') -%}
    {#-
        Join: only rows of posts that are recomputed in this build. A join, because DuckDB reads the whole history twice for
        the same thing said with `exists`.
    -#}
    semi join {{ ref('int_posts_touched') }} as touched
        on
            {%- for column in post_key() %}
            {{ row }}.{{ post if loop.last else column }} = touched.{{ column }}{{ ' and' if not loop.last }}
            {%- endfor %}
{%- endmacro %}


{% macro earlier(model, schema='intermediate') -%}
    {#- A relation as the build before this one left it, or nothing. Named without `ref`: it depends on the caller. -#}
    {% if not execute or flags.FULL_REFRESH or var('as_known_at', none) -%}
        {{ return(none) }}
    {%- endif %}
    {%- set database = target.database if target.type == 'duckdb' else this.database -%}
    {{ return(adapter.get_relation(database=database, schema=schema, identifier=model)) }}
{%- endmacro %}


{% macro scratch() -%}
    {#- The database of a table that only this build reads: in memory, where there is a file to be spared. -#}
    {{ return('scratch' if target.name == 'embedded' else none) }}
{%- endmacro %}


{% macro named_fields(fields) -%}
    {#- One value made of named parts, compared part by part: `max` over it picks the newest of several rows. -#}
    {{ return(adapter.dispatch('named_fields')(fields)) }}
{%- endmacro %}

{% macro default__named_fields(fields) -%}
    struct_pack(
        {%- for name, value in fields.items() %}{{ name }} := {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro spark__named_fields(fields) -%}
    named_struct(
        {%- for name, value in fields.items() %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro fingerprint(columns) -%}
    {#- An integer of 64 bits made of the columns: equal where they are, and hardly ever where they are not. -#}
    {{ return(adapter.dispatch('fingerprint')(columns)) }}
{%- endmacro %}

{% macro default__fingerprint(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__fingerprint(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{% macro grown() -%}
    {#- Materialisation of a table that grows with what was received; Spark makes it anew. -#}
    {{ return('growing' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}


{% materialization growing, adapter='duckdb' %}
    {#-
        A table that is made once and then added to in place, in one transaction: `incremental_strategy` names the rows
        that go first (`grow`). dbt's own materialisations ask the catalogue some ten questions for each table and
        write its documentation anew, which for a day's rows takes longer than the rows.
    -#}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if this.database == 'scratch' -%}
        {%- call statement('main') -%}
            create or replace table {{ this }} as ({{ compiled_code }});
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {{ return({'relations': [target_relation]}) }}
    {%- endif -%}
    {%- if not grows() -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ grow(config.get('incremental_strategy'), config.get('unique_key'), compiled_code) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% macro grow(strategy, key, query) -%}
    {#-
        The statements that put a model's rows into its table. First go, by the strategy, the rows that are written again:
        `anew` all of them, `touched` those of the posts that are recomputed, `placed_anew` those of the posts among them that
        stand elsewhere in time, `ages` those of the ages at which their values may be others, `brackets` those of the brackets that are
        written again, `pending` those of the batches that are taken in, `append` none. `delete+insert` is for models that
        read what they hold: their rows are found first, and replace those with the same key.
    -#}
    {%- set found = this.identifier ~ '__found' -%}
    {%- if strategy == 'delete+insert' -%}
        create temporary table {{ found }} as (
            {{ query }}
        );
        {{ forget('(select distinct ' ~ key | join(', ') ~ ' from ' ~ found ~ ')', key, config.get('incremental_predicates')) }}
    {%- elif strategy == 'anew' -%}
        delete from {{ this }};
    {%- elif strategy == 'touched' -%}
        {{ forget(earlier('int_posts_touched'), post_key()) }}
    {%- elif strategy == 'placed_anew' -%}
        {{ forget('(select * from ' ~ earlier('int_posts_touched') ~ ' where is_placed_anew)', post_key()) }}
    {%- elif strategy == 'ages' -%}
        {{ forget(ref('int_ages_touched'), post_key() + ['age_hours']) }}
    {%- elif strategy == 'brackets' -%}
        {%- set touched = ref('int_brackets_touched') -%}
        {{ forget('(select * from ' ~ touched ~ ' where reread)', post_key()) }}
        {{ forget('(select * from ' ~ touched ~ ' where is_new)', key, config.get('incremental_predicates')) }}
    {%- elif strategy == 'pending' -%}
        {{ forget(earlier('int_batches_pending'), ['workspace_id', 'batch_id']) }}
    {%- elif strategy != 'append' -%}
        {{ exceptions.raise_compiler_error('No table grows by the strategy ' ~ strategy ~ '.') }}
    {%- endif %}
    insert into {{ this }} by name (
        {{ 'from ' ~ found if strategy == 'delete+insert' else query }}
    );
    {%- if strategy == 'delete+insert' %}
    drop table {{ found }};
    {%- endif %}
{%- endmacro %}


{% macro forget(rows, key, predicates=none) -%}
    delete from {{ this }} as held
    using {{ rows }} as renewed
    where
        {%- for column in key %}
        held.{{ column }} = renewed.{{ column }}{{ ' and' if not loop.last }}
        {%- endfor %}
        {%- for predicate in predicates or [] %}
        and {{ render(predicate) }}
        {%- endfor %};
{%- endmacro %}


{% macro first_reading_of_touched() -%}
    {#- The instant of the first reading of any post that is recomputed, as text; nothing when none has a reading. -#}
    {%- set found = run_query(
        'select cast(min(first_observed_at) as varchar) from ' ~ ref('int_brackets_touched')
    ) -%}
    {{ return(found.columns[0].values()[0]) }}
{%- endmacro %}


{% macro give_up_room() -%}
    {#-
        Lets the checkpoint at the end of this build lay the blocks of its tables together, once a third of a table is deleted
        rows: from there on three blocks fit into two. A build writes the rows of touched posts again, some in almost every
        block, and to rewrite them each day costs as much as a quarter of the day.
    -#}
    {%- if execute and target.type == 'duckdb' and not adapter.is_ducklake(this) -%}
        {%- set kept = [] -%}
        {%- for node in graph.nodes.values() if node.config.incremental_strategy in ['touched', 'placed_anew', 'ages', 'brackets', 'delete+insert'] -%}
            {%- do kept.append("'" ~ node.name ~ "'") -%}
        {%- endfor -%}
        {%- set tables = run_query(
            "select format('\"{}\".\"{}\"', schema_name, table_name), estimated_size from duckdb_tables() "
            ~ 'where estimated_size > 122880 and database_name = current_database() and table_name in (' ~ kept | join(', ') ~ ')'
        ).rows -%}
        {%- for table in tables -%}
            {%- set live = run_query('select count(*) from ' ~ table[0]).rows[0][0] -%}
            {%- if live < table[1] * 2 / 3 -%}
                {%- do run_query('reset max_vacuum_tasks') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
