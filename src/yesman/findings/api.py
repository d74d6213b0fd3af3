"""Since which version of yesman each public name is there."""

from __future__ import annotations

from typing import Final

_SINCE: Final = {
    "0.11.0": """
        Allow CommandPlugin Deny Done Event EventBus HookPlugin INotificationProvider IProvider
        IVersionControlProvider IntegrationPlugin Items Need Notifications Pane Panels Plugin PluginBase
        PluginCommand PluginContext PluginManager ProviderError ProviderPlugin Providers Session
        SessionManager Text TmuxManager Transport UIPlugin Window need_of needs parameter_name permission_of

        ui ui.Act ui.Action ui.Button ui.Cell ui.Chart ui.Column ui.Empty ui.Error ui.Form ui.Format
        ui.Image ui.Item ui.KeyValue ui.Log ui.Markdown ui.Menu ui.Metric ui.Node ui.Panel ui.Progress
        ui.Series ui.Stack ui.Tab ui.Table ui.Tabs ui.Text ui.Tone ui.Tree ui.View

        context.plugin_id context.plugin_dir context.config context.logger context.session_manager
        context.tmux_manager context.event_bus context.data_dir context.plugin_manager context.providers
        context.notifications context.panels
    """,
}
SINCE: Final = {name: version for version, names in _SINCE.items() for name in names.split()}
"""Names of ``yesman.plugins`` and its ``ui``, fields of a plugin's context; the version that brought each."""
